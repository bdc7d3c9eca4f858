"""python -m tests.fuzz --count 200000 --workers 2

Tries inputs, shows how far it is, and ends with what was found; the exit code is 1 where nasdsl failed. What failed is
written to a folder as `INDEX.nas` and `INDEX.txt`. `--first` goes on from an index, `--show` prints one input.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from .campaign import MEGABYTES, Failure, Result, campaign
from .mutants import mutant


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the first index")
    parser.add_argument("--count", type=int, default=3000, help="how many inputs")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--failures", type=Path, default=Path("fuzz-failures"), help="where to write what failed")
    parser.add_argument("--show", type=int, metavar="INDEX", help="print one input and do nothing else")
    asked = parser.parse_args()
    if asked.show is not None:
        sys.stdout.buffer.write(mutant(asked.seed, asked.show))
        return 0
    whole, began = Result(), time.monotonic()
    for part in campaign(asked.seed, range(asked.first, asked.first + asked.count), asked.workers):
        whole.add(part)
        for failure in part.failures:
            keep(failure, asked.failures)
        progress(whole, asked.count, time.monotonic() - began)
    print()
    print(summary(whole))
    return int(bool(whole.failures) or whole.megabytes > MEGABYTES)


def keep(failure: Failure, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{failure.index}.nas").write_bytes(failure.data)
    (folder / f"{failure.index}.txt").write_text(failure.how, encoding="utf-8")


def progress(so_far: Result, count: int, taken: float) -> None:
    rate = so_far.count / taken
    left = (count - so_far.count) / rate
    shown = (
        f"{so_far.count:,} of {count:,}, {rate:.0f} a second, {left / 60:.1f} min left, {len(so_far.failures)} failures"
    )
    end = "\r" if sys.stdout.isatty() else "\n"
    if end == "\r" or so_far.count % 5000 == 0:
        print(shown, end=end, flush=True)


def summary(whole: Result) -> str:
    codes = ", ".join(f"{code} {n:,}" for code, n in sorted(whole.codes.items()))
    ways: dict[str, list[int]] = {}
    for failure in whole.failures:
        ways.setdefault(failure.how.strip().splitlines()[-1][:200], []).append(failure.index)
    seconds, slowest = whole.slowest
    lines = [
        f"{whole.count:,} inputs, {whole.spaces:,} of them spaces without an error",
        f"{len(whole.codes)} codes (inputs with each): {codes}",
        f"{1000 * whole.seconds / max(whole.count, 1):.1f} ms an input; the slowest, {slowest}, took {seconds:.2f} s",
        f"peak memory of a process {whole.megabytes:.0f} MB",
        f"{len(whole.failures)} failures",
        *(f"  {len(found)} x {how}  (inputs {', '.join(map(str, found[:6]))})" for how, found in ways.items()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
