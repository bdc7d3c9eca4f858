"""Many inputs, in worker processes: what they gave, what was slow, and where nasdsl failed."""

from __future__ import annotations

import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from .mutants import mutant
from .trial import tried

SECONDS = 1.0  # of processor time for one input
MEGABYTES = 500  # of memory for a process that tries inputs
PATIENCE = 20  # seconds of processor time after which an input is given up, to see where it stands
CHUNK = 50


class TooLongError(Exception):
    """An input that would not end."""


@dataclass(frozen=True)
class Failure:
    """An input on which nasdsl failed, and how."""

    index: int
    data: bytes
    how: str


@dataclass
class Result:
    """What some inputs gave."""

    count: int = 0
    spaces: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, -1)
    megabytes: float = 0.0

    def add(self, other: Result) -> None:
        self.count += other.count
        self.spaces += other.spaces
        self.codes += other.codes
        self.failures += other.failures
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.megabytes = max(self.megabytes, other.megabytes)


def campaign(seed: int, indices: range, workers: int) -> Iterator[Result]:
    """The results of consecutive chunks as they come in."""
    chunks = [indices[i : i + CHUNK] for i in range(0, len(indices), CHUNK)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[Result], range] = {pool.submit(chunk_result, seed, chunk): chunk for chunk in chunks}
        for done in as_completed(waiting):
            yield done.result()


def chunk_result(seed: int, indices: range) -> Result:
    """Every input of a chunk, one after the other."""
    result = Result()
    with TemporaryDirectory() as folder:
        for index in indices:
            one(seed, index, Path(folder), result)
    result.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << (20 if sys.platform == "darwin" else 10)
    )
    return result


def one(seed: int, index: int, folder: Path, result: Result) -> None:
    """One input, added to the result."""
    data = mutant(seed, index)
    signal.signal(signal.SIGVTALRM, _give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    began = time.process_time()
    try:
        found = tried(data, folder)
        result.codes.update({d.code for d in found})
        result.spaces += not any(d.severity == "error" for d in found)
    except Exception:  # noqa: BLE001 - whatever is raised is what is looked for
        result.failures.append(Failure(index, data, traceback.format_exc()))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    taken = time.process_time() - began
    if taken > SECONDS:
        result.failures.append(Failure(index, data, f"took {taken:.2f} s"))
    result.count += 1
    result.seconds += taken
    result.slowest = max(result.slowest, (taken, index))


def _give_up(number: int, frame: FrameType | None) -> None:
    raise TooLongError("".join(traceback.format_stack(frame)[-12:]))
