"""Candidates scored with the weights they share in a trained supernet: `nasdsl evolve SPACE --evaluator supernet:RUN`.

The batch norms of a path take their statistics anew before it is scored, see `nasdsl.relax.norms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasdsl.diagnostics import error
from nasdsl.evolve import problem
from nasdsl.evolve.evaluators import Evaluator, Inherited, Job, Outcome, Work
from nasdsl.evolve.settings import RunSettings

if TYPE_CHECKING:
    from torch import nn

    from nasdsl.relax.loaded import Loaded
    from nasdsl.space.genotype import Genotype

EVALUATOR = "nasdsl.relax.shared:supernet"
BATCHES = 20


def inherited(folder: Path, settings: RunSettings, batches: int = BATCHES) -> Inherited:
    """The weights of a run for candidates of the space that the settings name.

    Raises E0914 for what is no relaxed search or has no supernet yet, E0915 where the space or the data are others.
    """
    from nasdsl.data import images
    from nasdsl.relax import checkpoint, loaded
    from nasdsl.relax import folder as own

    record, text = own.read(folder)
    if not (folder / checkpoint.NAME).is_file():
        raise error("E0914", f"{folder} has no trained supernet yet", helps=[f"nasdsl resume {folder}"])
    asked = problem.find(settings).load()
    if asked.fingerprint != record.fingerprint:
        raise error(
            "E0915", f"the supernet of {folder} is of another space than `{asked.name}`",
            notes=[
                f"it is of {_called(record.space, record.net, text.params, (*text.restrict, *text.fix))}",
                f"the space here is {_called(asked.name, asked.net, asked.params, asked.narrowed)}",
            ],
            helps=["the file, net, parameters and narrowing of both have to decide the same"],
        )  # fmt: skip
    if images.digest(Path(settings.data) if settings.data else None) != record.data_sha256:
        trained = record.settings.data
        helps = [f"--data {trained}" if trained else "leave --data out"]
        raise error("E0915", f"the supernet of {folder} was trained on other images", helps=helps)
    return Inherited(source=str(folder.resolve()), digest=loaded.digest(folder), batches=batches)


def _called(name: str, net: str, params: Mapping[str, int | float], narrowed: Iterable[str]) -> str:
    """A space with what was said to read it."""
    said = "".join(f", {key} = {value}" for key, value in params.items())
    return f"`{name}`, net `{net}`{said}" + "".join(f", narrowed by {each}" for each in narrowed)


def supernet(job: Job) -> Evaluator:
    """Scores by accuracy on the images that the supernet's own run held out, with the weights of the path.

    The test split is read for a `final` alone. Raises E0915 where the supernet was trained on since the run began.
    """
    import torch

    from nasdsl.evolve import train
    from nasdsl.relax import loaded
    from nasdsl.relax.norms import calibrate

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if job.inherited is None:
        raise error("E0914", "a supernet scores with the weights of a run, and none is named")
    folder, device = Path(job.inherited.source), torch.device(job.device)
    if device.type != "cpu":
        torch.use_deterministic_algorithms(True, warn_only=True)
    found = loaded.load(folder, device)
    if loaded.digest(folder) != job.inherited.digest:
        raise error("E0915", f"the supernet of {folder} was trained on since this run began", helps=["start a new run"])
    task = train.task(found.data, found.record.settings.held, device)
    batch, batches = found.record.settings.batch, job.inherited.batches
    space = job.space.load()

    def evaluate(work: Work) -> Outcome:
        # Equal fingerprints: a code names the same genotype in both.
        genotype = found.space.from_rank_text(space.from_rank_text(work.code).code)
        net: Any = path(found, genotype)
        net.to(device=device, memory_format=torch.channels_last)
        calibrate(net, net, task.train, batch, batches)
        try:
            score = train.accuracy(net, task.validation)
            test = train.accuracy(net, train.test(found.data, task)) if work.kind == "final" else None
        except train.DivergedError as problem:
            return Outcome(n=work.n, status="failed", reason=f"diverged: {problem}")
        return Outcome(n=work.n, status="ok", score=score, test=test)

    return evaluate


def path(found: Loaded, genotype: Genotype) -> nn.Module:
    """The module of a genotype with the supernet's weights copied in."""
    from nasdsl.compiler.inherit import child

    return child(found.supernet, genotype)
