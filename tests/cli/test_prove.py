"""The long proof that a run has one history: any number of workers, killed and resumed. `make prove`.

On the shipped images; NASDSL_PROVE_BUDGET sets the evaluations of each run, 60 unless told otherwise.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import nasdsl

pytestmark = pytest.mark.prove

BUDGET = int(os.environ.get("NASDSL_PROVE_BUDGET", "60"))
ENV = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent)}
KILLS = 3


def start(where: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The program, in a session of its own."""
    command = [sys.executable, "-m", "nasdsl", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=where, env=ENV, start_new_session=True, **quiet)


def evolve(where: Path, name: str, workers: int) -> subprocess.Popen[bytes]:
    options = ["--budget", str(BUDGET), "--workers", str(workers), "--seed", "7", "--population", "10"]
    # How long a candidate is trained for is not what is proved.
    return start(where, "evolve", "hierarchical", "-p", "C=4", "--epochs", "0.1", *options, "--name", name)


def history(run: Path) -> list[tuple[object, ...]]:
    query = (
        "select p.n, parents, code, alias, status, score from proposals p left join results r on p.n = r.n order by p.n"
    )
    with closing(sqlite3.connect(run / "run.sqlite")) as store:
        return store.execute(query).fetchall()


def finished(run: Path) -> int:
    if not (run / "run.sqlite").exists():
        return 0
    with closing(sqlite3.connect(run / "run.sqlite")) as store, contextlib.suppress(sqlite3.OperationalError):
        return int(store.execute("select count(*) from results").fetchone()[0])
    return 0  # its tables are being made


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The workers of a run. They have groups of their own, so that the group of the run would not show them."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in listed.split()]


def runs_on(pid: int) -> bool:
    """Whether a process still runs. A dead one stays listed until whoever inherited it asks for its end."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one worker that nothing disturbed."""
    where = tmp_path_factory.mktemp("prove")
    assert evolve(where, "alone", 1).wait() == 0
    return where / "runs" / "alone"


def test_two_workers_have_the_history_of_one(alone: Path) -> None:
    where = alone.parents[1]
    assert evolve(where, "two", 2).wait() == 0
    assert history(where / "runs" / "two") == history(alone)


def test_a_run_killed_at_random_moments_has_the_history_of_one_that_was_not(alone: Path) -> None:
    where, rng = alone.parents[1], random.Random(time.time_ns())
    run = where / "runs" / "killed"
    process = evolve(where, "killed", 2)
    for kill in range(1, KILLS + 1):
        while finished(run) < BUDGET * kill // (KILLS + 2):
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(rng.uniform(0, 2))
        before, workers = finished(run), children(process)
        assert workers
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(1)
        assert not [pid for pid in workers if runs_on(pid)]
        assert finished(run) >= before
        process = start(where, "resume", "killed", "--workers", str(1 + kill % 2))
    assert process.wait() == 0
    assert history(run) == history(alone)
