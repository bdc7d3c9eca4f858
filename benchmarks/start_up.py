"""How long a user waits for the commands that only read: wall seconds, beside a bare interpreter in the same run.

taskset -c 0 python benchmarks/start_up.py

`--help`, `check` of every shipped space, and `check` of a generated space of 2,000 lines (benchmarks/generated.py): the
medians of ten runs, each beside the time that was aimed at.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from generated import space

import nasdsl

RUNS = 10
# As a user has it: with the byte code that the first run wrote.
ENV = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
LINES = 2_000


def commands(folder: Path) -> dict[tuple[str, ...], float | None]:
    """What is measured, and the seconds aimed at."""
    large = folder / f"{LINES}-lines.nas"
    large.write_text(space(LINES), encoding="utf-8")
    return {
        ("-c", "pass"): None,
        ("-m", "nasdsl", "--help"): 0.1,
        **{("-m", "nasdsl", "check", name): 0.15 for name in nasdsl.shipped()},
        ("-m", "nasdsl", "check", str(large)): 2.0,
        ("-m", "nasdsl", "info", "nasnet"): None,
        ("-m", "nasdsl", "fmt", "--check", str(large)): None,
    }


def seconds(command: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], check=command[2:3] != ("fmt",), capture_output=True, env=ENV)
    return time.perf_counter() - started


def main() -> None:
    with TemporaryDirectory() as folder:
        aims = commands(Path(folder))
        for command in aims:
            seconds(command)
        # In turn, so that a machine that slows down slows all of them.
        taken = [[seconds(command) for command in aims] for _ in range(RUNS)]
    bare = median(row[0] for row in taken)
    print(f"{'medians of ' + str(RUNS):32} seconds  slowest  times bare   aim")
    for i, (command, aim) in enumerate(aims.items()):
        found = [row[i] for row in taken]
        shown = " ".join(Path(word).name if "/" in word else word for word in command)
        aimed = "" if aim is None else f"{aim:5.2f}{'' if median(found) < aim else '  missed'}"
        print(f"{shown:32} {median(found):7.3f}  {max(found):7.3f}  {median(found) / bare:10.1f}  {aimed}")


if __name__ == "__main__":
    main()
