"""Real training: it learns, it repeats itself to the bit, and what diverges says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from test_run import SPACE
from torch import nn

from nasdsl.data import images
from nasdsl.evolve import run, train
from nasdsl.evolve.pointwise import Pointwise, quickened
from nasdsl.evolve.problem import SpaceProblem
from nasdsl.evolve.settings import TrainSettings


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 + 200 of the embedded images as a user's own file."""
    data, path = images.load(), tmp_path_factory.mktemp("data") / "small.npz"
    kept = images.split(data.y_train, 0.06)[1]
    np.savez(
        path,
        x_train=data.x_train[kept, 0],
        y_train=data.y_train[kept],
        x_test=data.x_test[:200, 0],
        y_test=data.y_test[:200],
    )
    return path


def network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    stem = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    return nn.Sequential(stem, nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(72, 10))


def test_training_learns_and_repeats_itself(small: Path) -> None:
    task = train.task(images.load(small), 0.2, torch.device("cpu"))
    assert (len(task.train), len(task.validation)) == (480, 120)
    assert abs(float(task.train.images.mean())) < 1e-4
    assert float(task.train.images.std()) == pytest.approx(1, abs=1e-3)
    settings = TrainSettings(epochs=6)
    nets = [network(seed) for seed in (1, 1, 2)]
    before = train.accuracy(nets[0], task.validation)
    for net, seed in zip(nets, (5, 5, 6), strict=True):
        train.train(net, task.train, settings, seed)
    states = [torch.cat([value.flatten().double() for value in net.state_dict().values()]) for net in nets]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])
    assert train.accuracy(nets[0], task.validation) > before + 0.3


def test_divergence_is_said_with_its_step(small: Path) -> None:
    task = train.task(images.load(small), 0.2, torch.device("cpu"))
    net = network(0)
    with torch.no_grad():
        next(net.parameters()).fill_(torch.inf)
    with pytest.raises(train.DivergedError, match="the loss is nan at step 1 of 3"):
        train.train(net, task.train, TrainSettings(batch=64), 0)
    with pytest.raises(train.DivergedError, match="not finite"):
        train.accuracy(net, task.validation)


def test_the_learning_rate_rises_and_falls() -> None:
    shares = [train.one_cycle(step, 100, 0.25) for step in range(100)]
    assert max(shares) == shares[25] == 1.0
    assert shares[:26] == sorted(shares[:26])
    assert shares[25:] == sorted(shares[25:], reverse=True)
    assert 0 < shares[99] < 0.01


def test_a_real_search_is_the_same_for_one_and_two_workers(small: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.nas").write_text(SPACE, encoding="utf-8")
    summaries = []
    for workers in (1, 2):
        asked = run.settings(space=str(tmp_path / "tiny.nas"), budget=4, seed=1, workers=workers, data=str(small))
        summaries.append(run.start(asked, root=tmp_path))
    one, two = summaries
    assert one.best == two.best
    assert (one.failures, len(one.best)) == (0, 4)
    assert {path.name for path in one.files} == {"best.nas", "best.svg", "best.pt"}
    assert retested(one, small) == pytest.approx(one.best[0].test)
    assert (one.folder / "workers.log").read_text() == ""


def retested(summary: run.Summary, data: Path) -> float:
    """The test accuracy of the stored weights."""
    from nasdsl.compiler import dag, lower, module
    from nasdsl.evolve.problem import bound

    found = images.load(data)
    problem = SpaceProblem(run.space(summary.folder), bound(found.channels, found.size, found.classes))
    network = lower.network(problem.read(summary.best[0].code), problem.binding)
    net = module.build(dag.architecture(network))
    net.load_state_dict(torch.load(summary.folder / "best.pt", weights_only=True))
    return train.accuracy(net, train.test(found, train.task(found, 0.2, torch.device("cpu"))))


def test_pointwise_convolutions_compute_the_same() -> None:
    net = nn.Sequential(nn.Conv2d(5, 7, 1), nn.Conv2d(7, 7, 1, groups=7), nn.Conv2d(7, 4, 1, stride=2, bias=False))
    pixels = torch.randn(3, 5, 6, 6).contiguous(memory_format=torch.channels_last)
    expected, names = net(pixels), list(net.state_dict())
    made = quickened(net)
    assert [type(child) for child in made.children()] == [Pointwise, nn.Conv2d, nn.Conv2d]
    assert torch.allclose(made(pixels), expected, atol=1e-6)
    assert list(made.state_dict()) == names


def test_a_quickened_network_trains_as_the_plain_one() -> None:
    from random import Random

    from nasdsl import Binding, architecture, build, load, network

    drawn = network(load("hierarchical", {"C": 4}, "search").sample(Random(1)), Binding(1, (14, 14), 10))
    pixels = torch.randn(4, 1, 14, 14)
    gradients = []
    for change in (lambda net: net, quickened):
        net = change(build(architecture(drawn), seed=3)).double().to(memory_format=torch.channels_last)
        net(pixels.double()).square().mean().backward()
        gradients.append({name: p.grad for name, p in net.named_parameters()})
    plain, quick = gradients
    assert plain.keys() == quick.keys()
    assert all(torch.allclose(plain[name], quick[name], atol=1e-10) for name in plain)
