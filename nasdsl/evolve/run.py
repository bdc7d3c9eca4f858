"""Runs from outside: start, resume, list, show.

    asked = settings(space="spaces/nasnet.nas", budget=100)     # NasdslError E0604
    summary = start(asked, progress, root=Path("runs"))         # summary.ending == "interrupted" after Ctrl-C
    summary = resume(summary.folder, progress)

Raised here and below, all `NasdslError`: E0601 a folder that is no run, E0602 a run another process works on, E0603 a
newer format, E0604 settings, E0605 a history that does not replay, E0606 a net that does not fit the data, E0607 a
worker that cannot start, E0608 a damaged store, E0609 a folder that cannot be made, E061x data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nasdsl.data import images
from nasdsl.diagnostics import error
from nasdsl.evolve import folder as folders
from nasdsl.evolve import history, hypers, problem
from nasdsl.evolve.evaluators import TRAINING, Inherited
from nasdsl.evolve.progress import Ending, Progress, Quiet, Row, Started, Status, Summary, Told
from nasdsl.evolve.session import Session
from nasdsl.evolve.settings import RunSettings, TrainSettings, check_workers, settings
from nasdsl.evolve.stopping import Stopping
from nasdsl.evolve.store import FORMAT, Store
from nasdsl.space import mutations
from nasdsl.version import VERSION

__all__ = [
    "Ending",
    "Progress",
    "Quiet",
    "Row",
    "RunSettings",
    "Started",
    "Status",
    "Summary",
    "Told",
    "TrainSettings",
    "best",
    "binding",
    "list_runs",
    "resume",
    "settings",
    "show",
    "space",
    "start",
]


def start(
    settings: RunSettings,
    progress: Progress | None = None,
    root: Path = Path("runs"),
    *,
    name: str | None = None,
    evaluator: str = TRAINING,
    inherited: Inherited | None = None,
) -> Summary:
    """A new run to its end, or to Ctrl-C, in a folder under `root`, named after the space where no name is given.

    `evaluator` is `module:function`; see `nasdsl.evolve.evaluators`, also for the weights it inherits.
    """
    if settings.data is not None:
        settings = settings.model_copy(update={"data": str(Path(settings.data).resolve())})
    settings = settings.settled()
    check_workers(settings.workers, settings.inflight)
    found = problem.find(settings)
    # With the installed ones: a resume must not depend on what is installed then.
    settings = settings.model_copy(update={"ops": found.ops})
    data = images.load(_path(settings))
    by_genotype = inherited is not None
    bound = problem.bind(found.load(), data.channels, data.size, data.classes, by_genotype=by_genotype)
    mutations.suits(bound.space, settings.mutation)
    if evaluator == TRAINING:
        hypers.check(bound.space, settings.train.model_fields_set)
    record = folders.Record(
        format=FORMAT,
        nasdsl=VERSION,
        settings=settings,
        space=found.name,
        net=found.net,
        data_sha256=images.digest(_path(settings)),
        evaluator=evaluator,
        inherited=inherited,
    )
    return _go_on(folders.create(root, record, found, name), progress or Quiet(), settings.workers)


def resume(folder: Path, progress: Progress | None = None, workers: int | None = None) -> Summary:
    """Goes on with a run; it ends with the history it would have had without the stop. A finished one is only shown."""
    return _go_on(folder, progress or Quiet(), workers)


def list_runs(root: Path = Path("runs")) -> tuple[Summary, ...]:
    """The runs in a folder, the oldest first."""
    found = [path.parent for path in root.glob(f"*/{folders.STORE}") if (path.parent / folders.SETTINGS).is_file()]
    return tuple(show(path) for path in sorted(found, key=lambda path: (path / folders.SETTINGS).stat().st_mtime))


def show(folder: Path) -> Summary:
    """How far a run is; one that another process works on too."""
    record, _ = folders.read(folder)
    with Store.open(folder / folders.STORE) as store:
        return summarise(folder, record, store)


def space(folder: Path) -> Any:
    """The `SearchSpace` of a run."""
    return folders.read(folder)[1].load()


def best(folder: Path) -> Any:
    """The best genotype of a run so far. Raises E0601 where nothing was trained yet."""
    summary = show(folder)
    if not summary.best:
        raise error("E0601", f"{folder} has no trained network yet", helps=[summary.resume])
    return space(folder).from_rank_text(summary.best[0].code)


def binding(folder: Path) -> Any:
    """The images that a run is bound to: what the net of its stored weights reads. E061x where they are not there."""
    data = images.load(_path(folders.read(folder)[0].settings))
    return problem.bound(data.channels, data.size, data.classes)


def summarise(folder: Path, record: folders.Record, store: Store) -> Summary:
    """The summary of what a store holds."""
    proposals, held = store.proposals(), store.results()
    told = [held[n] for n in range(len(proposals)) if n in held]
    known = [proposals[result.n] for result in told]
    finals, asked = store.finals(), record.settings
    done = sum(proposal.alias is None for proposal in known)
    leaders = history.best(known, told)
    rows = [
        Row(p.n, p.code, held[p.n].score or 0.0, finals[p.n].test if p.n in finals else None, p.params, p.macs)
        for p in leaders
    ]
    return Summary(
        folder=folder,
        space=record.space,
        net=record.net,
        strategy=asked.strategy,
        seed=asked.seed,
        ending=store.ended or "interrupted",
        done=done,
        budget=asked.budget,
        failures=sum(p.alias is None and r.status == "failed" for p, r in zip(known, told, strict=True)),
        duplicates=sum(proposal.duplicates for proposal in known),
        draws=sum(proposal.draws for proposal in known),
        seconds=store.elapsed,
        best=tuple(rows),
        files=tuple(path for path in (folder / name for name in folders.WRITTEN) if path.is_file()),
    )


def _go_on(folder: Path, progress: Progress, workers: int | None) -> Summary:
    record, found = folders.read(folder)
    workers = workers or record.settings.workers or 1
    check_workers(workers, record.settings.inflight)
    with folders.locked(folder), Store.open(folder / folders.STORE) as store:
        if store.ended is not None:
            return summarise(folder, record, store)
        data = images.load(_path(record.settings))
        if images.digest(_path(record.settings)) != record.data_sha256:
            name = record.settings.data or "the embedded data set"
            raise error("E0606", f"{name} is not what the run was started with", helps=["put the original back"])
        by_genotype = record.inherited is not None
        bound = problem.bind(found.load(), data.channels, data.size, data.classes, by_genotype=by_genotype)
        with Stopping() as stopped, Session(folder, record, found, bound, data, store, progress, workers) as session:
            session.run(stopped)
        return summarise(folder, record, store)


def _path(settings: RunSettings) -> Path | None:
    return Path(settings.data) if settings.data is not None else None
