"""A worker process: reads a job and then works as lines of JSON, writes outcomes as lines of JSON.

Its standard input closes when the parent ends, however it ends; a thread waits for that and ends the process at once,
in the middle of whatever it trains. So a worker needs no signal, no pid file and no heartbeat to die.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from queue import SimpleQueue
from typing import IO

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve.evaluators import Evaluator, Job, Outcome, Work, check, evaluator

READY = "ready"


def main() -> None:
    """Works until the standard input ends."""
    lines: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library prints goes to the log, not among the answers.
    os.dup2(2, 1)
    try:
        evaluate = evaluator(Job.model_validate_json(lines.get()))
    except NasdslError as problem:
        _say(answers, problem.diagnostics[0].message)
        sys.exit(1)
    _say(answers, READY)
    while True:
        _say(answers, _evaluated(evaluate, Work.model_validate_json(lines.get())).model_dump_json())


def _read(source: IO[str], lines: SimpleQueue[str]) -> None:
    for line in source:
        lines.put(line)
    os._exit(0)


def _say(answers: IO[str], line: str) -> None:
    answers.write(line + "\n")
    answers.flush()


def _evaluated(evaluate: Evaluator, work: Work) -> Outcome:
    started = time.monotonic()
    try:
        outcome = check(work, evaluate(work))
    except NasdslError as problem:
        outcome = Outcome(n=work.n, status="failed", reason=problem.diagnostics[0].message)
    except Exception as problem:  # noqa: BLE001  whatever a candidate does, the search goes on
        traceback.print_exc()
        reason = f"{type(problem).__name__}: {problem}".splitlines()[0][:500]
        outcome = Outcome(n=work.n, status="failed", reason=reason)
    return outcome.model_copy(update={"seconds": time.monotonic() - started})


if __name__ == "__main__":
    main()
