"""Where evaluations happen: single-threaded worker processes, fed one work at a time."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from nasdsl.diagnostics import InternalError, error
from nasdsl.evolve.evaluators import Job, Outcome, Work
from nasdsl.evolve.worker import READY

_TICK = 0.2
# Freed memory is kept for the next tensor: handing it back to the kernel at every step costs a tenth of the time.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
}


class Executor(Protocol):
    """Takes any number of works, gives outcomes back in any order."""

    def submit(self, work: Work) -> None: ...

    def wait(self, stopped: Callable[[], bool]) -> Outcome | None:
        """The next outcome, or None as soon as `stopped()`. Something must have been submitted."""

    def close(self) -> None:
        """Ends at once; what is not finished is dropped."""


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    ready: bool = False
    work: Work | None = None
    since: float = 0.0
    unread: bytes = b""

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout


@dataclass
class Processes:
    """`count` workers for one job; what they print is appended to `log`.

    A worker that dies makes its work a failure and is replaced. The wall-clock net ends a work after `patience`
    seconds or ten times its predicted time, whichever is longer, where the prediction is corrected by the slowest
    work so far: it is there for what hangs, and never decides about what is only slow.
    """

    job: Job
    count: int
    log: Path
    note: Callable[[str], None]
    patience: float = 300.0
    _queue: deque[Work] = field(default_factory=deque)
    _workers: list[_Worker] = field(default_factory=list)
    _done: deque[Outcome] = field(default_factory=deque)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _slowness: float = 1.0

    def submit(self, work: Work) -> None:
        self._queue.append(work)
        outstanding = len(self._queue) + sum(each.work is not None for each in self._workers)
        if len(self._workers) < min(self.count, outstanding):
            self._start()
        self._feed()

    def wait(self, stopped: Callable[[], bool]) -> Outcome | None:
        while not self._done and not stopped():
            if not self._workers:
                raise InternalError("nothing was submitted")
            for key, _ in self._selector.select(_TICK):
                self._listen(key.data)
            self._net()
        return self._done.popleft() if self._done and not stopped() else None

    def close(self) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            self._reap(worker)
        self._workers.clear()
        self._selector.close()

    def _start(self) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "nasdsl.evolve.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | _ENVIRONMENT | {"PYTHONPATH": path},
                # A group of its own: a Ctrl-C on the terminal is the parent's to answer.
                process_group=0,
            )
        worker = _Worker(process)
        self._workers.append(worker)
        self._selector.register(worker.stdout, selectors.EVENT_READ, worker)
        self._tell(worker, self.job.model_dump_json())

    def _tell(self, worker: _Worker, line: str) -> None:
        with suppress(BrokenPipeError):  # it is dying: the end of its output tells
            worker.stdin.write(line.encode() + b"\n")
            worker.stdin.flush()

    def _feed(self) -> None:
        for worker in self._workers:
            if self._queue and worker.ready and worker.work is None:
                worker.work, worker.since = self._queue.popleft(), time.monotonic()
                self._tell(worker, worker.work.model_dump_json())

    def _listen(self, worker: _Worker) -> None:
        read = os.read(worker.stdout.fileno(), 1 << 16)
        if not read:
            self._died(worker)
            return
        *lines, worker.unread = (worker.unread + read).split(b"\n")
        for line in lines:
            if worker.ready:
                self._finish(worker, Outcome.model_validate_json(line))
            elif line.decode() == READY:
                worker.ready = True
            else:
                raise error("E0607", f"a worker cannot start: {line.decode()}")
        self._feed()

    def _finish(self, worker: _Worker, outcome: Outcome) -> None:
        if worker.work is not None and worker.work.predicted > 0:
            self._slowness = max(self._slowness, outcome.seconds / worker.work.predicted)
        worker.work = None
        self._done.append(outcome)

    def _died(self, worker: _Worker) -> None:
        """Replaces a worker that has ended by itself, and fails what it was at."""
        self._reap(worker)
        self._workers.remove(worker)
        status = worker.process.returncode
        how = f"signal {-status}" if status < 0 else f"exit code {status}"
        if not worker.ready:
            notes = [f"its output is in {self.log}"]
            raise error("E0607", f"a worker ended with {how} before it could work", notes=notes)
        if worker.work is not None:
            self.note(f"the worker at number {worker.work.n} ended with {how}; a new one is started")
            reason = f"its worker ended with {how}"
            self._done.append(Outcome(n=worker.work.n, status="failed", reason=reason))
        self._start()

    def _net(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            work = worker.work
            if work is None or now - worker.since < self._limit(work):
                continue
            worker.process.kill()
            self._reap(worker)
            self._workers.remove(worker)
            reason = f"the wall-clock net struck after {now - worker.since:.0f} s"
            self.note(f"number {work.n}: {reason}")
            self._done.append(
                Outcome(n=work.n, status="failed", reason=reason, seconds=now - worker.since, struck=True)
            )
            self._start()

    def _limit(self, work: Work) -> float:
        return max(self.patience, 10 * self._slowness * work.predicted)

    def _reap(self, worker: _Worker) -> None:
        self._selector.unregister(worker.stdout)
        worker.stdout.close()
        with suppress(BrokenPipeError):
            worker.stdin.close()
        worker.process.wait()
