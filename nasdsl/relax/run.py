"""Relaxed searches from outside: start, resume, list, show.

    asked = settings(space="darts", method="pc-darts", epochs=50)     # NasdslError E0604
    summary = start(asked, progress, root=Path("runs"))               # summary.ending == "interrupted" after Ctrl-C
    summary = resume(summary.folder, progress)

Raised here and below, all `NasdslError`: E0601 a folder that is no run, E0602 a run another process works on, E0603 a
newer format, E0604 settings, E0606 a net that does not fit the data, E0609 a folder that cannot be made, E061x data,
E090x a decision that is not relaxed, E0906 and E0911 the method, E0912 numbers that are not finite, E0913 a damaged
checkpoint, E0914 a run of another kind, E093x resources and devices.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasdsl.data import images
from nasdsl.diagnostics import NasdslError, error
from nasdsl.evolve import folder as folders
from nasdsl.evolve import problem
from nasdsl.evolve.problem import SpaceText
from nasdsl.evolve.stopping import Stopping
from nasdsl.relax import folder as own
from nasdsl.relax import history
from nasdsl.relax import table as tables
from nasdsl.relax.progress import Ending, Progress, Quiet, Started, Summary
from nasdsl.relax.settings import RelaxSettings, settings
from nasdsl.version import VERSION

if TYPE_CHECKING:
    from nasdsl.evolve.train import Task
    from nasdsl.relax.training import Training

__all__ = [
    "Ending",
    "Progress",
    "Quiet",
    "RelaxSettings",
    "Started",
    "Summary",
    "list_runs",
    "resume",
    "settings",
    "show",
    "start",
]


def start(
    settings: RelaxSettings,
    progress: Progress | None = None,
    root: Path = Path("runs"),
    *,
    name: str | None = None,
    latency: Path | None = None,
) -> Summary:
    """A new search to its end, or to Ctrl-C, in a folder under `root`. `latency` is a table of measured operations."""
    import torch

    from nasdsl.relax import assembly
    from nasdsl.relax.device import device

    if settings.data is not None:
        settings = settings.model_copy(update={"data": str(Path(settings.data).resolve())})
    where = device(settings.device)
    found = problem.find(settings)
    # With the installed ones: a resume must not depend on what is installed then.
    settings = settings.model_copy(update={"ops": found.ops})
    data = images.load(_path(settings))
    loaded = found.load()
    settings = settings.settled(assembly.method(settings).one_level)
    table = tables.read(latency) if latency is not None else None
    assembly.Assembly(found, settings, data, where, table)  # nothing is written for what cannot be begun
    record = own.Record(
        format=own.FORMAT,
        kind="relax",
        nasdsl=VERSION,
        settings=settings,
        space=found.name,
        net=found.net,
        fingerprint=loaded.fingerprint,
        genotype=_free(settings.method, {*loaded.points, *loaded.elsewhere}),
        data_sha256=images.digest(_path(settings)),
        threads=torch.get_num_threads(),
    )
    return _go_on(own.create(root, record, found, name, table), progress or Quiet())


def resume(folder: Path, progress: Progress | None = None) -> Summary:
    """Goes on with a run; it ends with the weights it would have had without the stop. A finished one is only shown."""
    return _go_on(folder, progress or Quiet())


def list_runs(root: Path = Path("runs")) -> tuple[Summary, ...]:
    """The relaxed searches in a folder, the oldest first."""
    found = [path.parent for path in root.glob(f"*/{folders.SETTINGS}") if own.relaxed(path.parent)]
    return tuple(show(path) for path in sorted(found, key=lambda path: (path / folders.SETTINGS).stat().st_mtime))


def show(folder: Path) -> Summary:
    """How far a run is; one that another process works on, too. torch is not needed."""
    record, _ = own.read(folder)
    epochs = history.read(folder / own.HISTORY)
    asked, last = record.settings, epochs[-1] if epochs else None
    ending: Ending = "interrupted"
    if last is not None and (last.ended or len(epochs) >= asked.epochs):
        ending = "stopped early" if last.ended and len(epochs) < asked.epochs else "finished"
    return Summary(
        folder=folder,
        space=record.space,
        net=record.net,
        method=asked.method,
        seed=asked.seed,
        ending=ending,
        done=len(epochs),
        epochs=asked.epochs,
        seconds=sum(epoch.seconds for epoch in epochs),
        accuracy=last.held_accuracy if last else None,
        best=max((epoch.held_accuracy for epoch in epochs), default=None),
        entropy=last.entropy if last else None,
        genotype=own.best_text(folder),
        name=record.genotype,
        source=asked.space,
        options=_options(record),
        reason=last.ended if last else "",
        warnings=tuple(epoch.warning for epoch in epochs if epoch.warning),
        files=tuple(path for path in (folder / name for name in own.WRITTEN) if path.is_file()),
    )


def space(folder: Path) -> Any:
    """The `SearchSpace` of a run, with the derived genotype among its named ones."""
    _, text = own.read(folder)
    return text.load(own.best_text(folder) or None)


def best(folder: Path) -> Any:
    """The genotype that a run has come to. Raises E0601 before its first epoch has ended."""
    record, _ = own.read(folder)
    if not own.best_text(folder):
        raise error("E0601", f"{folder} has no genotype yet", helps=[f"nasdsl resume {folder}"])
    return space(folder).point(record.genotype)


def binding(folder: Path) -> Any:
    """The images that a run is bound to. Raises E061x where they are not there."""
    data = images.load(_path(own.read(folder)[0].settings))
    return problem.bound(data.channels, data.size, data.classes)


def _go_on(folder: Path, progress: Progress) -> Summary:
    from nasdsl.relax import checkpoint
    from nasdsl.relax.device import device, repeatable

    record, found = own.read(folder)
    where = device(record.settings.device)
    with folders.locked(folder), repeatable(where, record.threads), Stopping() as stopped:
        state = checkpoint.load(folder, where)
        if state is None or not _over(folder, state, record):
            try:
                _trained(folder, record, found, state, progress, stopped)
            finally:
                _draw(folder)
        elif not all((folder / name).is_file() for name in own.PICTURES):
            _draw(folder)
        return show(folder)


def _over(folder: Path, state: dict[str, Any], record: own.Record) -> bool:
    from nasdsl.relax import checkpoint

    try:
        return bool(state["ended"]) or int(state["epoch"]) >= record.settings.epochs
    except (KeyError, TypeError, ValueError) as problem:
        raise checkpoint.damaged(folder, repr(problem)) from None


def _trained(
    folder: Path, record: own.Record, found: SpaceText, state: dict[str, Any] | None, progress: Progress,
    stopped: Callable[[], bool],
) -> None:  # fmt: skip
    """Trains on, from a checkpoint or from the beginning. Raises E0912 where numbers are not finite any more."""
    from nasdsl.evolve import train
    from nasdsl.evolve.train import DivergedError
    from nasdsl.relax import assembly
    from nasdsl.relax.device import device
    from nasdsl.relax.keeping import Kept
    from nasdsl.relax.training import Training

    asked = record.settings
    data = loaded_data(record)
    where = device(asked.device)
    task = train.task(data, asked.held, where)
    of = assembly.Assembly(found, asked, data, where, latencies(folder))
    training = Training(of.search(), of, task, asked, Kept(folder, record.genotype), progress)
    if state is not None:
        _restore(folder, training, state)
    own.write_tables(folder, of.open.tables)
    progress.started(_started(folder, record, found.load().size, task, training, str(data)))
    try:
        training.run(stopped)
    except DivergedError as problem:
        raise _diverged(folder, record, str(problem), bool(training.past)) from None


def _restore(folder: Path, training: Training, state: dict[str, Any]) -> None:
    """Puts training where a checkpoint left it, and takes off the history what came behind. E0913 for a damaged one."""
    from nasdsl.relax import checkpoint

    past = history.read(folder / own.HISTORY)
    try:
        training.load_state_dict(state)
    except checkpoint.MISFITS as problem:
        raise checkpoint.damaged(folder, str(problem)) from None
    if len(past) < training.done:
        raise checkpoint.damaged(folder, f"{own.HISTORY} lacks epochs that it has")
    training.past = past[: training.done]
    history.rewind(folder / own.HISTORY, training.past)


def latencies(folder: Path) -> tables.LatencyTable | None:
    """The table of measured operations that a run keeps, if it has one."""
    path = folder / own.LATENCY
    return tables.read(path) if path.is_file() else None


def loaded_data(record: own.Record) -> images.Images:
    """The images of a run. Raises E0606 where they are not what it was started with."""
    data = images.load(_path(record.settings))
    if images.digest(_path(record.settings)) != record.data_sha256:
        name = record.settings.data or "the embedded data set"
        raise error("E0606", f"{name} is not what the run was started with", helps=["put the original back"])
    return data


def _started(folder: Path, record: own.Record, size: int, task: Task, training: Training, data: str) -> Started:
    search = training.search
    return Started(
        folder=folder,
        space=record.space,
        net=record.net,
        size=size,
        method=record.settings.method,
        binding=data,
        device=record.settings.device,
        tables={table.name: table.shape for table in search.supernet.tables},
        weights=sum(parameter.numel() for parameter in search.supernet.parameters()),
        parameters=sum(parameter.numel() for parameter in search.architecture.values()),
        images=len(task.train),
        held=len(task.validation),
        epochs=record.settings.epochs,
        steps=training.steps,
        resumed=training.done,
    )


def _diverged(folder: Path, record: own.Record, why: str, kept: bool) -> NasdslError:
    last = f"{folder} keeps the last good state, and {own.GENOTYPE} what it came to"
    lower = record.settings.learning_rate / 5
    return error(
        "E0912",
        f"the search diverged: {why}",
        notes=[last if kept else "nothing was kept: it was the first epoch"],
        helps=[f"a new run with a lower learning rate: --learning-rate {lower:g}", "or another --seed"],
    )


def _free(method: str, taken: set[str]) -> str:
    """What the derived genotype is called: as the method, unless the space has another of that name."""
    stem = "".join(each if each.isalnum() else "_" for each in method)
    names = chain((stem,), (f"{stem}_{number}" for number in count(2)))
    return next(name for name in names if name not in taken)


def _options(record: own.Record) -> str:
    """What was typed to read the space as it was read, beside its name."""
    asked = record.settings
    words = ["--net", record.net]
    for name, number in asked.params.items():
        words += ["-p", f"{name}={number}"]
    for option, given in (("--ops", asked.ops), ("--restrict", asked.restrict), ("--fix", asked.fix)):
        for value in given:
            words += [option, value]
    return shlex.join(words)


def _draw(folder: Path) -> None:
    from nasdsl.relax import plots

    plots.draw(folder)


def _path(settings: RelaxSettings) -> Path | None:
    return Path(settings.data) if settings.data is not None else None
