"""Mutations of bytes: what a broken disk, an editor or an enemy makes of a file."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

STRANGE: Final = (
    b"\x00", b"\r", b"\r\n", b"\t", b"\f", b"\v", b"\x1b[31m", b"\xff", b"\xc3\x28", b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\xc2\xa0", b"\xd9\xa3", b"\xc2\xb2", b"#",
    b'"', b"{", b"}", b"(", b")", b"[", b"]", b";", b"|", b"..", b"//", b"@", b"\\", b"'",
)  # fmt: skip


def mutated(data: bytes, other: bytes, rng: Random) -> bytes:
    """`data` changed in one to four places; `other` is what it may be spliced with."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choice(WAYS)(data, other, rng)
    return data


def _range(data: bytes, rng: Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 1, 2, 8, 40, 300)))


def _flip(data: bytes, other: bytes, rng: Random) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _insert(data: bytes, other: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    piece = rng.choice(STRANGE) if rng.random() < 0.7 else rng.randbytes(rng.choice((1, 2, 5)))
    return data[:at] + piece * rng.choice((1, 1, 1, 3, 200)) + data[at:]


def _delete(data: bytes, other: bytes, rng: Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def _duplicate(data: bytes, other: bytes, rng: Random) -> bytes:
    start, end = _range(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 1, 2, 50)) + data[end:]


def _move(data: bytes, other: bytes, rng: Random) -> bytes:
    start, end = _range(data, rng)
    rest = data[:start] + data[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _truncate(data: bytes, other: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.7 else data[at:]


def _splice(data: bytes, other: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _random(data: bytes, other: bytes, rng: Random) -> bytes:
    size = rng.choice((0, 1, 30, 1000))
    return rng.randbytes(size) if rng.random() < 0.3 else bytes(rng.choices(range(32, 127), k=size))


Way = Callable[[bytes, bytes, Random], bytes]
WAYS: Final[tuple[Way, ...]] = (
    _flip, _flip, _insert, _insert, _delete, _delete, _duplicate, _duplicate, _move, _truncate, _splice, _random,
)  # fmt: skip
