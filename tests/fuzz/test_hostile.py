"""Files made to exhaust time, memory or the stack are refused at once by `nasdsl check`, at a place in their text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from . import hostile

# A second on an idle machine, start-up included; the processors that run the tests are shared and slow.
SECONDS = 2.0
MEGABYTES = 500
# What is said of a whole file, which is not shown then.
PLACELESS = {"E0112"}


class Run(NamedTuple):
    """One run of the program."""

    code: int
    output: str
    seconds: float
    megabytes: float


# A process starts with the peak memory of the one that makes it, so a small one stands between.
BETWEEN = """
import os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
if sys.platform != "darwin":
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
code = subprocess.run([sys.executable, "-m", "nasdsl", "check", sys.argv[1]], stderr=subprocess.STDOUT).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
scale = 1 << (20 if sys.platform == "darwin" else 10)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss / scale, file=sys.stderr)
"""


def checked(path: Path) -> Run:
    """`nasdsl check` of a file, in a process that cannot harm the machine."""
    command = [sys.executable, "-c", BETWEEN, path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, encoding="utf-8", check=True)
    code, seconds, megabytes = done.stderr.split()
    return Run(int(code), done.stdout, float(seconds), float(megabytes))


@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_is_refused_at_once(name: str, tmp_path: Path) -> None:
    path = tmp_path / "space.nas"
    path.write_bytes(hostile.FILES[name]())
    run = checked(path)
    print(f"{name}: {run.seconds:.2f} s, {run.megabytes:.0f} MB\n{run.output[:600]}")
    codes = re.findall(r"^error\[(E\d{4})\]", run.output, re.MULTILINE)
    places = re.findall(r"^ *--> space\.nas:\d+:\d+$", run.output, re.MULTILINE)
    assert "Traceback" not in run.output
    assert codes
    assert places or set(codes) <= PLACELESS
    assert len(run.output) < 50_000
    assert run.code == 1
    assert run.seconds < SECONDS
    assert run.megabytes < MEGABYTES


@pytest.mark.parametrize("name", hostile.RIGHT)
def test_what_only_looks_hostile_is_right(name: str, tmp_path: Path) -> None:
    path = tmp_path / "space.nas"
    path.write_bytes(hostile.RIGHT[name]())
    run = checked(path)
    print(f"{name}: {run.seconds:.2f} s, {run.megabytes:.0f} MB\n{run.output[:600]}")
    assert run.code == 0
    assert "error" not in run.output
    assert run.seconds < SECONDS
    assert run.megabytes < MEGABYTES


def test_an_import_that_never_ends(tmp_path: Path) -> None:
    (tmp_path / "zero.nas").symlink_to("/dev/zero")
    (tmp_path / "space.nas").write_bytes(b'use "zero.nas" (f)\n' + hostile.net("relu"))
    run = checked(tmp_path / "space.nas")
    assert "error[" in run.output
    assert "space.nas:1:5" in run.output
    assert run.seconds < SECONDS
    assert run.megabytes < MEGABYTES


def test_imports_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "other.nas").write_bytes(b'use "space.nas" (f)\n' + hostile.net("relu"))
    (tmp_path / "space.nas").write_bytes(b'use "other.nas" (f)\n' + hostile.net("relu"))
    run = checked(tmp_path / "space.nas")
    assert "error[" in run.output
    assert "nas:1:5" in run.output
    assert run.seconds < SECONDS
