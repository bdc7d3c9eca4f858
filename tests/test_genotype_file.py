"""A genotype as JSON: what is written is read, and nothing else is."""

from __future__ import annotations

import json
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nasdsl
from nasdsl.diagnostics import NasdslError
from nasdsl.space.model import SearchSpace
from tests.space.test_laws import laws, spaces

DARTS = nasdsl.load("darts")
V2 = DARTS.point("darts_v2")
WRITTEN: dict[str, Any] = json.loads(V2.to_json("darts_v2"))


@laws
@given(spaces(), st.data())
def test_every_genotype_reads_back(space: SearchSpace, data: st.DataObject) -> None:
    genotype = space[data.draw(st.integers(0, space.size - 1))]
    assert space.from_json(genotype.to_json()) == genotype
    assert space.from_json(genotype.to_json("other").encode()) == genotype


def test_it_says_what_it_is() -> None:
    assert {
        "format": 1,
        "name": "darts_v2",
        "space": "darts",
        "net": "cifar10",
        "params": {},
        "narrowed": [],
        "fingerprint": DARTS.fingerprint,
        "code": V2.code,
        "text": V2.text("darts_v2"),
    } == WRITTEN
    assert "\n" not in V2.to_json()


def refused(text: str | bytes, space: SearchSpace = DARTS) -> list[str]:
    with pytest.raises(NasdslError) as caught:
        space.from_json(text)
    assert {d.code for d in caught.value.diagnostics} <= {"E0531", "E0532", "E0507"}
    return [d.message for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "this genotype has format 2, and this nasdsl reads 1"),
        ({"format": "1"}, "this is no genotype: its `format` is '1', and should be a whole number from 1 on"),
        ({"name": "a b"}, "this is no genotype: its `name` is 'a b', and should be a name"),
        ({"params": {"N": "six"}}, "this is no genotype: its `params.N` is 'six', and should be numbers by name"),
        ({"params": {"N": float("nan")}}, "this is no genotype: its `params.N` is nan, and should be numbers by name"),
        ({"fingerprint": "Z"}, "this is no genotype: its `fingerprint` is 'Z', and should be 32 hexadecimal digits"),
        ({"fingerprint": "0" * 32}, "this genotype is of another `darts` than this one"),
        ({"code": "0x1f"}, "this is no genotype: its `code` is '0x1f', and should be a hexadecimal number"),
        ({"code": 31}, "this is no genotype: its `code` is 31, and should be a hexadecimal number"),
        ({"code": "f" * 30}, f"`darts` has no genotype `{'f' * 30}`"),
        ({"code": "1f"}, "the code `1f` and the text of this genotype are two genotypes"),
        ({"text": "import os"}, f"the code `{V2.code}` and the text of this genotype are two genotypes"),
        ({"more": 1}, "this is no genotype: nothing is called `more` in one"),
    ],
    ids=str,
)  # fmt: skip
def test_every_field_is_checked(change: dict[str, Any], said: str) -> None:
    assert refused(json.dumps(WRITTEN | change)) == [said]


@pytest.mark.parametrize("field", [each for each in WRITTEN if each != "format"])
def test_every_field_is_needed(field: str) -> None:
    left = {key: value for key, value in WRITTEN.items() if key != field}
    assert refused(json.dumps(left)) == [f"this is no genotype: it has no `{field}`"]


def test_all_mistakes_are_said_at_once() -> None:
    wrong = {("nett" if key == "net" else key): value for key, value in WRITTEN.items()}
    assert len(refused(json.dumps(wrong | {"code": 5}))) == 3


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "{}", "\ud800", b"\xff\x00", b"\x80\x04]q\x00."])
def test_what_is_no_json_is_no_genotype(text: str | bytes) -> None:
    [said] = refused(text)
    assert said.startswith("this is no genotype: ")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 900_000,
        '{"a":' * 150_000,
        json.dumps(WRITTEN).replace('"format": 1', '"format": ' + "9" * 900_000),
        json.dumps(WRITTEN | {"code": "f" * 900_000}),
        json.dumps(WRITTEN | {"params": {f"p{i}": "x" for i in range(50_000)}}),
        " " * 50_000_000,
    ],
    ids=["lists", "objects", "number", "code", "params", "blanks"],
)
def test_hostile_texts_are_refused_at_once(text: str) -> None:
    began = time.monotonic()
    assert len(refused(text)) <= 20
    assert time.monotonic() - began < 2


def test_changed_texts_are_the_same_genotype_or_none() -> None:
    """What is changed is what is read, or refused: never a genotype that the text does not say."""
    written, rng = V2.to_json(), Random(0)
    for _ in range(1500):
        at = rng.randrange(len(written))
        text = written[:at] + rng.choice(["", '"', "}", "0", "n", "\\", "é"]) + written[at + 1 :]
        try:
            assert DARTS.from_json(text) == V2
        except NasdslError:
            continue


def test_another_space_is_refused() -> None:
    assert refused(V2.to_json(), nasdsl.load("nasnet")) == ["this genotype is of `darts`, and not of `nasnet`"]
    narrow = DARTS.fix("normal=darts_v2")
    with pytest.raises(NasdslError) as caught:
        DARTS.from_json(narrow[5].to_json())
    [found] = caught.value.diagnostics
    assert found.code == "E0532"
    assert found.notes == (
        "it is of net `cifar10`, narrowed by fix normal=darts_v2", "the space here is net `cifar10`",
    )  # fmt: skip
    assert narrow.from_json(narrow[5].to_json()) == narrow[5]


def test_a_space_that_decides_otherwise_is_another() -> None:
    text = "use vision (conv, identity)\ncell f(x) { node n { from x; op OPS }\n out n }\n"
    spaces = [
        nasdsl.loads(text.replace("OPS", ops), "made.nas") for ops in ("conv(3) | identity", "identity | conv(3)")
    ]
    with pytest.raises(NasdslError, match="E0532: this genotype is of another `made` than this one"):
        spaces[1].from_json(spaces[0][0].to_json())


def test_fixed_numbers_and_the_net_may_differ() -> None:
    """What was found on a small net is built on a large one."""
    small = nasdsl.load("hierarchical", {"C": 8}, "search")
    large = nasdsl.load("hierarchical", net="cifar10")
    found = small.sample(Random(0))
    again = large.from_json(found.to_json())
    assert (again.space, again.values) == (large, found.values)
