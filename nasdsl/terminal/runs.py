"""What is said of a run once it has ended, and of all the runs in a folder."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasdsl.terminal.program import ExitCode
from nasdsl.terminal.text import duration, score, short, table

if TYPE_CHECKING:
    from nasdsl.evolve.progress import Summary
    from nasdsl.relax.progress import Summary as Relaxed


def find(name: str, root: Path) -> Path:
    """The folder of a run given by its path, or by its bare name in `root`; it may not exist."""
    inside = root / name
    return inside if inside.is_dir() and not Path(name).is_dir() else Path(name)


def exit_code(summary: Summary) -> ExitCode:
    """What a finished or stopped run tells the shell."""
    if summary.ending == "interrupted":
        return ExitCode.INTERRUPTED
    return ExitCode.OK if summary.done >= summary.budget and summary.best else ExitCode.INCOMPLETE


def as_text(summary: Summary) -> str:
    """The end of a run: how it ended, the table of the best, and what was written where."""
    share = f" ({summary.duplicates / summary.draws:.0%} of what was drawn)" if summary.draws else ""
    parts = [
        f"{summary.space}, net {summary.net}, {summary.strategy}, seed {summary.seed}: {summary.ending} "
        f"after {summary.done:,} of {summary.budget:,} evaluations in {duration(summary.seconds)}\n"
        f"{summary.duplicates:,} duplicates{share}, {summary.failures:,} failed",
        _best(summary) if summary.best else "no candidate was trained to the end",
    ]
    written = [("run", str(summary.folder)), *(("", str(path)) for path in summary.files)]
    parts.append("\n".join(f"{name:<8}{path}" for name, path in written))
    if summary.ending == "interrupted":
        parts.append(f"to go on: {summary.resume}")
    return "\n\n".join(parts)


def as_json(summary: Summary) -> dict[str, Any]:
    """The same for a program."""
    return {
        "run": str(summary.folder),
        "space": summary.space,
        "net": summary.net,
        "strategy": summary.strategy,
        "seed": summary.seed,
        "ending": summary.ending,
        "done": summary.done,
        "budget": summary.budget,
        "failures": summary.failures,
        "duplicates": summary.duplicates,
        "draws": summary.draws,
        "seconds": round(summary.seconds, 3),
        "best": [
            {"n": r.n, "genotype": r.code, "validation": r.score, "test": r.test, "params": r.params, "macs": r.macs}
            for r in summary.best
        ],
        "files": [str(path) for path in summary.files],
    }


def engine(folder: Path) -> Any:
    """The module that made a run: it has `show`, `space`, `best` and `binding`."""
    from nasdsl.relax.folder import relaxed

    return import_module("nasdsl.relax.run" if relaxed(folder) else "nasdsl.evolve.run")


def every(root: Path) -> list[Summary | Relaxed]:
    """All the runs in a folder, of evolution and of relaxation, the oldest first."""
    from nasdsl.evolve import run
    from nasdsl.evolve.folder import SETTINGS
    from nasdsl.relax import run as relaxation

    found: list[Summary | Relaxed] = [*run.list_runs(root), *relaxation.list_runs(root)]
    return sorted(found, key=lambda summary: (summary.folder / SETTINGS).stat().st_mtime)


def show(folder: Path) -> Summary | Relaxed:
    """How far a run of either kind is. Raises E0601 where there is none."""
    summary: Summary | Relaxed = engine(folder).show(folder)
    return summary


def said(summary: Summary | Relaxed) -> str:
    """A run of either kind for a person."""
    from nasdsl.evolve.progress import Summary
    from nasdsl.terminal import relaxed

    return as_text(summary) if isinstance(summary, Summary) else relaxed.as_text(summary)


def told(summary: Summary | Relaxed) -> dict[str, Any]:
    """A run of either kind for a program."""
    from nasdsl.evolve.progress import Summary
    from nasdsl.terminal import relaxed

    return as_json(summary) if isinstance(summary, Summary) else relaxed.as_json(summary)


def listing(summaries: Iterable[Summary | Relaxed], root: Path) -> str:
    """All runs, one line each; the best of a relaxation is the held-out accuracy of its supernet."""
    cells = [(s.folder.name, s.space, *_line(s), s.ending) for s in summaries]
    if not cells:
        return f"no runs in {root}"
    return table(("run", "space", "search", "seed", "done", "best", "state"), cells, right=(3, 4, 5), indent="")


def _line(summary: Summary | Relaxed) -> tuple[str, str, str, str]:
    from nasdsl.evolve.progress import Summary

    seed = str(summary.seed)
    if isinstance(summary, Summary):
        best = summary.best[0].score if summary.best else None
        return summary.strategy, seed, f"{summary.done:,}/{summary.budget:,}", score(best)
    return summary.method, seed, f"{summary.done:,}/{summary.epochs:,}", score(summary.best)


def _best(summary: Summary) -> str:
    cells = [
        (f"{place}", f"#{r.n}", score(r.score), score(r.test), short(r.params), short(r.macs), r.code)
        for place, r in enumerate(summary.best, start=1)
    ]
    heads = ("best", "number", "validation", "test", "parameters", "multiply-adds", "genotype")
    return table(heads, cells, right=range(6), indent="")
