"""Hyper-parameters and taps in a search: known names, candidates of their own, and a training that heeds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nasdsl import loads
from nasdsl.diagnostics import NasdslError
from nasdsl.evolve import problem, run
from nasdsl.evolve.evaluators import Job, Work, training
from nasdsl.evolve.hypers import adjusted, check
from nasdsl.evolve.problem import SpaceText
from nasdsl.evolve.settings import TrainSettings

SPACE = """
use vision (identity, conv, conv_bn, classifier)
HYPER
net n {
  input image(INPUT)
  stem conv_bn(3, width = 4, stride = 4)
  TAP
  head classifier(10)
}
"""


def text(hyper: str = "", size: str = "3, 32", tap: str = "") -> str:
    return SPACE.replace("HYPER", hyper).replace("INPUT", size).replace("TAP", tap)


@pytest.mark.parametrize(
    ("hyper", "message"),
    [
        ("hyper rate = 0.1", "E0615: the training of a candidate has no setting `rate`"),
        ("hyper lr = 0.1\nhyper learning_rate = 0.1", "E0615: `lr` and `learning_rate` are one setting"),
        ("hyper momentum = 0.1", "E0615: `momentum` is given for the run, and the space decides it"),
        ("hyper lr = 0.1 | 20", "E0604: the setting `learning_rate` is 20, and should be less than or equal to 10"),
        ("hyper batch = 64.5", "E0604: the setting `batch` is 64.5, and should be a valid integer"),
    ],
)
def test_a_hyper_parameter_that_training_does_not_take(hyper: str, message: str) -> None:
    with pytest.raises(NasdslError, match=message):
        check(loads(text(hyper)), {"momentum"})


def test_a_search_refuses_it_before_it_begins(tmp_path: Path) -> None:
    space = tmp_path / "s.nas"
    space.write_text(text("hyper rate = 0.1"), encoding="utf-8")
    with pytest.raises(NasdslError, match="E0615"):
        run.start(run.settings(space=str(space), budget=1), root=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_genotype_decides_its_settings() -> None:
    space = loads(text("hyper lr = 0.1 | 0.5\nhyper batch = 32"))
    train = adjusted(TrainSettings(), space[1].hypers)
    assert (train.learning_rate, train.batch, train.epochs) == (0.5, 32, TrainSettings().epochs)


def test_candidates_of_one_network_differ_by_what_training_is_told() -> None:
    plain = problem.bind(loads(text()), 1, (14, 14), 10)
    tuned = problem.bind(loads(text("hyper lr = 0.1 | 0.5")), 1, (14, 14), 10)
    tapped = problem.bind(loads(text(tap="tap aux classifier(10, weight = 0.1 | 0.3)")), 1, (14, 14), 10)
    keys = [bound.candidate(bound.space[i]).key for bound in (plain, tuned, tapped) for i in range(bound.size)]
    assert len(set(keys)) == 5


def test_the_data_of_a_run_fixes_the_size_of_its_images() -> None:
    with pytest.raises(NasdslError, match="E0616: `n.input.height` decides what the data of a run fixes"):
        problem.bind(loads(text(size="3, 16 | 32")), 1, (14, 14), 10)


def test_a_tap_is_a_classifier_too() -> None:
    with pytest.raises(NasdslError, match="E0606: net `n` is no classifier of these images: it delivers 4x4x4"):
        problem.bind(loads(text(tap="tap aux conv(3)")), 1, (14, 14), 10)


def test_training_heeds_the_tap_and_the_learning_rate(tmp_path: Path) -> None:
    """Other weights, and other learning rates, train to other scores; what is kept is the evaluated network."""
    import torch

    def scores(source: str) -> list[float | None]:
        space = SpaceText(name="s", text=source, net="n", params={})
        train = TrainSettings(epochs=0.05)
        evaluate = training(Job(evaluator="", space=space, data=None, device="cpu", train=train))
        path = str(tmp_path / "kept.pt")
        return [evaluate(Work(n=i, code=str(i), seed=1, kind="final", save=path)).score for i in range(2)]

    tapped = "tap aux classifier(10, weight = 0.1 | 10)"
    assert len(set(scores(text("hyper lr = 0.01 | 0.4")))) == 2
    assert len(set(scores(text(tap=tapped)))) == 2
    kept = torch.load(tmp_path / "kept.pt")
    assert not [name for name in kept if "aux" in name]
