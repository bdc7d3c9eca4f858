"""Worker processes: what they return, how they fail, and that they die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve.evaluators import Job, Outcome, Work
from nasdsl.evolve.executors import Processes
from nasdsl.evolve.problem import SpaceText
from nasdsl.evolve.settings import TrainSettings


def job(evaluator: str) -> Job:
    space = SpaceText(name="pairs", text="", net="search", params={})
    return Job(evaluator=evaluator, space=space, data=None, device="cpu", train=TrainSettings())


@contextmanager
def processes(
    folder: Path, evaluator: str, count: int, notes: list[str], patience: float = 60.0
) -> Iterator[Processes]:
    made = Processes(job(evaluator), count, folder / "workers.log", notes.append, patience)
    try:
        yield made
    finally:
        made.close()


def gone(pid: int) -> bool:
    """Whether no process runs under a number; one that nobody has waited for has ended too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_failing_a_raising_and_a_hanging_candidate_end_no_search(tmp_path: Path) -> None:
    notes: list[str] = []
    outcomes: dict[int, Outcome] = {}
    with processes(tmp_path, "fakes:mixed", 2, notes, patience=1.0) as executor:
        for n in range(6):
            executor.submit(Work(n=n, code=f"{n}0", seed=n))
        for _ in range(6):
            outcome = executor.wait(lambda: False)
            assert outcome is not None
            outcomes[outcome.n] = outcome
    assert [outcomes[n].status for n in range(6)] == ["ok", "failed", "failed", "failed", "ok", "ok"]
    assert outcomes[1].reason == "its worker ended with signal 9"
    assert outcomes[2].reason == "RuntimeError: no kernel for this"
    assert (outcomes[3].struck, outcomes[3].reason) == (True, "the wall-clock net struck after 1 s")
    assert len(notes) == 2
    assert "Traceback" in (tmp_path / "workers.log").read_text()


def test_a_worker_that_cannot_start_says_so(tmp_path: Path) -> None:
    with processes(tmp_path, "fakes:broken", 1, []) as executor:
        executor.submit(Work(n=0, code="0", seed=0))
        with pytest.raises(NasdslError, match="E0607: a worker ended with exit code 1 before it could work"):
            executor.wait(lambda: False)


def test_a_stop_is_heard_while_all_are_busy(tmp_path: Path) -> None:
    with processes(tmp_path, "fakes:hanging", 1, []) as executor:
        executor.submit(Work(n=0, code="0", seed=0))
        asked = time.monotonic() + 0.3
        assert executor.wait(lambda: time.monotonic() > asked) is None
        (pid,) = (worker.process.pid for worker in executor._workers)
    assert gone(pid)


PARENT = """
import sys, time
sys.path[:0] = {paths!r}
from pathlib import Path
from test_executors import job
from nasdsl.evolve.evaluators import Work
from nasdsl.evolve.executors import Processes
executor = Processes(job("fakes:hanging"), 2, Path({log!r}), print)
for n in range(2):
    executor.submit(Work(n=n, code="0", seed=0))
while not all(worker.work for worker in executor._workers):
    executor.wait(lambda began=time.monotonic(): time.monotonic() > began + 0.2)
print(*(worker.process.pid for worker in executor._workers), flush=True)
executor.wait(lambda: False)
"""


def test_workers_end_within_a_second_of_their_parents_death(tmp_path: Path) -> None:
    here = Path(__file__).parent
    paths = [str(here), str(here.parent.parent)]
    code = textwrap.dedent(PARENT).format(paths=paths, log=str(tmp_path / "log"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert not any(map(gone, pids))
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline and not all(map(gone, pids)):
        time.sleep(0.02)
    assert all(map(gone, pids))
