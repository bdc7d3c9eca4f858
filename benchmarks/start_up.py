"""How long a user waits for the commands that only read: wall seconds, beside a bare interpreter in the same run.

python benchmarks/start_up.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

RUNS = 10
COMMANDS = (
    ("-c", "pass"),
    ("-m", "nasdsl", "--help"),
    *(
        ("-m", "nasdsl", verb, name)
        for verb in ("check", "info")
        for name in ("hierarchical", "darts", "nasfpn", "nasnet")
    ),
)


def seconds(command: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    for command in COMMANDS:
        seconds(command)
    # In turn, so that a machine that slows down slows all of them.
    taken = [[seconds(command) for command in COMMANDS] for _ in range(RUNS)]
    bare = median(row[0] for row in taken)
    for i, command in enumerate(COMMANDS):
        found = median(row[i] for row in taken)
        print(f"{' '.join(command):32} {found:6.3f} s  {found / bare:5.1f} times a bare interpreter")


if __name__ == "__main__":
    main()
