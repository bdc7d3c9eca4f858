"""Evolution on the weights of a trained supernet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import nasdsl
from nasdsl.evolve import run as evolution
from nasdsl.evolve.evaluators import Job
from nasdsl.relax import checkpoint, loaded, norms, run, shared
from nasdsl.relax import folder as own

from .runs import SPACE, asked, inside, refused, spoilt, undrawn


@pytest.fixture(scope="module", autouse=True)
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with inside(tmp_path_factory.mktemp("relaxed")) as where:
        yield where


@pytest.fixture(scope="module", autouse=True)
def whole(there: Path) -> Iterator[run.Summary]:
    """A finished run."""
    with undrawn():
        yield run.start(asked(), name="whole")


def evolving(**more: Any) -> evolution.RunSettings:
    wanted = {"space": "tiny.nas", "data": "tiny.npz", "budget": 6, "population": 4, "seed": 1, "workers": 1}
    return evolution.settings(**{**wanted, **more})


def test_evolution_scores_paths_of_the_supernet(whole: run.Summary) -> None:
    weights = shared.inherited(whole.folder, evolving(), batches=3)
    summary = evolution.start(evolving(), evaluator=shared.EVALUATOR, inherited=weights, name="evolved")
    assert (summary.ending, summary.done, summary.failures) == ("finished", 6, 0)
    assert all(0 <= row.score <= 1 and row.test is not None for row in summary.best)
    # A score follows from the weights and the genotype alone.
    found = loaded.load(whole.folder)
    for row in summary.best[:2]:
        assert score(found, row.code, 3) == row.score


def score(found: loaded.Loaded, code: str, batches: int) -> float:
    from nasdsl.evolve import train

    task = train.task(found.data, found.record.settings.held, torch.device("cpu"))
    net: Any = shared.path(found, found.space.from_rank_text(code)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    norms.calibrate(net, net, task.train, found.record.settings.batch, batches)
    return train.accuracy(net, task.validation)


def test_equal_networks_are_different_candidates_on_shared_weights() -> None:
    from nasdsl.evolve import problem

    twins = nasdsl.loads(
        SPACE.replace("identity]", "identity, none]").replace("identity, conv", "identity, none, conv")
    )
    one = problem.bind(twins, 1, (8, 8), 4)
    other = problem.bind(twins, 1, (8, 8), 4, by_genotype=True)
    every = [genotype for genotype in twins if not one.candidate(genotype).fault]
    assert len({one.candidate(each).key for each in every}) < len(every)
    assert len({other.candidate(each).key for each in every}) == len(every)


def test_batch_norms_take_the_statistics_of_the_batches(whole: run.Summary) -> None:
    from nasdsl.evolve import train

    found = loaded.load(whole.folder)
    task = train.task(found.data, 0.5, torch.device("cpu"))
    net = shared.path(found, found.space[3])
    first = next(module for module in net.modules() if isinstance(module, torch.nn.BatchNorm2d))
    seen: list[torch.Tensor] = []
    first.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
    norms.calibrate(net, net, task.train, 8, 3)
    assert len(seen) == 3
    expected = torch.stack([value.mean((0, 2, 3)) for value in seen]).mean(0)
    assert torch.allclose(first.running_mean, expected, atol=1e-6)  # type: ignore[arg-type]
    assert not any(module.training for module in net.modules())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"restrict": ["tiny.n[0].op = identity | max_pool(3)"]}, "is of another space than `tiny`"),
        ({"data": None}, "was trained on other images"),
    ],
)
def test_a_supernet_of_another_space_or_data(more: dict[str, Any], said: str, whole: run.Summary) -> None:
    diagnostic = refused(shared.inherited, whole.folder, evolving(**more))
    assert diagnostic.code == "E0915"
    assert said in diagnostic.message


def test_what_is_no_supernet(whole: run.Summary) -> None:
    folder = spoilt(whole, "untrained", lambda folder: (folder / checkpoint.NAME).unlink())
    diagnostic = refused(shared.inherited, folder, evolving())
    assert (diagnostic.code, diagnostic.helps) == ("E0914", (f"nasdsl resume {folder}",))
    assert refused(loaded.load, folder).code == "E0914"


def test_a_supernet_that_was_trained_on_since(whole: run.Summary) -> None:
    weights = shared.inherited(whole.folder, evolving()).model_copy(update={"digest": "0"})
    text = own.read(whole.folder)[1]
    job = Job(
        evaluator=shared.EVALUATOR, space=text, data="tiny.npz", device="cpu", train=evolving().train, inherited=weights
    )
    diagnostic = refused(shared.supernet, job)
    assert diagnostic.code == "E0915"
    assert "was trained on since this run began" in diagnostic.message
