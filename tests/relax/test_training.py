"""The loop of a relaxed search: an exact resume from anywhere, two halves that never meet, no step on a NaN."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from nasdsl.evolve.train import DivergedError
from nasdsl.relax.method import Batch, Losses
from nasdsl.relax.search import Cosine, Search
from nasdsl.relax.training import Training

from .small import Chancy, Memory, asked, task, training


def never() -> bool:
    return False


def after(steps: int) -> Callable[[], bool]:
    """True when it was asked more than so many times: asked once before each step."""
    asked = iter(range(steps))
    return lambda: next(asked, None) is None


def written(state: Any) -> Any:
    """A state as it comes back from a file."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def leaves(state: Any, path: str = "") -> dict[str, Any]:
    """Every value of a state, without the seconds, which no run repeats."""
    if isinstance(state, dict):
        return {
            k: v for key, each in state.items() if key != "seconds" for k, v in leaves(each, f"{path}.{key}").items()
        }
    if isinstance(state, list | tuple):
        return {k: v for i, each in enumerate(state) for k, v in leaves(each, f"{path}[{i}]").items()}
    return {path: (state.dtype, state.tolist()) if isinstance(state, torch.Tensor) else state}


class Staged(Chancy):
    """Another supernet from the second epoch on."""

    def params(self, epoch: int, epochs: int) -> dict[str, int | float]:
        return {"width": 6} if epoch else {}


@pytest.fixture(autouse=True)
def own_chance() -> Any:
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        yield


@pytest.mark.parametrize("method", [Chancy, Staged])
def test_a_run_stopped_anywhere_goes_on_as_if_it_never_had_been(method: type[Chancy]) -> None:
    whole = training(method())
    assert whole.run(never)
    expected, history = leaves(whole.state_dict()), [e.model_dump(exclude={"seconds"}) for e in whole.past]
    for stop in (1, 2, 6, 7, 8, 12, 17, 18):
        keeper = Memory(copy=written)
        first = training(method(), keeper)
        assert not first.run(after(stop))
        torch.manual_seed(stop)  # whatever another process has drawn
        again = training(method())
        if keeper.states:
            again.load_state_dict(keeper.states[-1])
            again.past = keeper.epochs[: again.done]
        assert again.run(never)
        assert leaves(again.state_dict()) == expected, f"stopped before step {stop}"
        assert [e.model_dump(exclude={"seconds"}) for e in again.past] == history


def test_the_chance_of_layers_is_part_of_a_state() -> None:
    """Without it the test above could pass on a net that draws nothing."""
    keeper = Memory(copy=written)
    training(keeper=keeper).run(after(3))
    others = []
    for seed in (None, 11):
        again = training()
        again.load_state_dict(keeper.states[-1])
        if seed is not None:
            torch.manual_seed(seed)
        again.run(never)
        others.append(leaves(again.state_dict()))
    assert others[0] != others[1]


def test_every_epoch_ends_with_a_checkpoint_and_long_ones_have_more() -> None:
    keeper = Memory(copy=written)
    training(keeper=keeper).run(never)
    assert [(s["epoch"], s["sums"]["steps"]) for s in keeper.states] == [(1, 0), (2, 0), (3, 0)]
    often = Memory(copy=written)
    clock = iter(range(10**6))
    run = training(keeper=often)
    run.clock, run.spacing = lambda: float(next(clock)), 4.0
    run.run(never)
    within = [s for s in often.states if s["sums"]["steps"]]
    assert within
    again = training()
    again.load_state_dict(within[0])
    again.past = often.epochs[: again.done]
    again.run(never)
    assert leaves(again.state_dict()) == leaves(run.state_dict())


class Watching(Chancy):
    """Keeps the numbers of the images it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, list[int]] = {"train": [], "held": []}

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        for name, (images, labels) in (("train", train), ("held", held)):
            assert len(images) == len(labels) == 8
            self.seen[name] += [round(float(x) * 1000) for x in images[:, 0, 0, 0]]
        return super().step(search, train, held)


def test_the_halves_never_meet_and_an_epoch_takes_each_image_once() -> None:
    method = Watching()
    training(method).run(never)
    assert set(method.seen["train"]) == set(range(40))
    assert set(method.seen["held"]) == set(range(1000, 1040))
    epochs = [method.seen["train"][start : start + 40] for start in (0, 40, 80)]
    assert all(sorted(epoch) == list(range(40)) for epoch in epochs)
    assert epochs[0] != epochs[1]
    assert [i - 1000 for i in method.seen["held"]] != method.seen["train"]


def test_fewer_batches_where_few_are_asked_for() -> None:
    method = Watching()
    run = training(method, limit_batches=2)
    run.run(never)
    assert run.steps == 2
    assert len(method.seen["train"]) == 2 * 8 * 3


class Failing(Chancy):
    """Does a harm at one step."""

    def __init__(self, harm: Callable[[Search], float | None], at: int = 7) -> None:
        super().__init__()
        self.harm, self.left = harm, at

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        self.left -= 1
        losses = super().step(search, train, held)
        if self.left == 0:
            told = self.harm(search)
            return Losses(told, None, 0, 1) if told is not None else losses
        return losses


def spoil(search: Search) -> None:
    with torch.no_grad():
        search.architecture["cell"][1, 2] = math.nan


def spoil_weights(search: Search) -> None:
    with torch.no_grad():
        next(search.supernet.parameters()).fill_(math.inf)


def spoil_statistics(search: Search) -> None:
    search.supernet.norm.running_var.fill_(math.nan)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda _: math.nan, "the loss is nan, in epoch 2, step 2 of 5"),
        (lambda _: math.inf, "the loss is inf, in epoch 2, step 2 of 5"),
        (spoil, "the architecture parameters of `cell` are not finite, in epoch 2, step 2 of 5"),
        (spoil_weights, "the outputs of the supernet are not finite, in epoch 2, step 3 of 5"),
        (spoil_statistics, "the outputs of the supernet are not finite"),
    ],
)
def test_a_number_that_is_not_finite_stops_the_run_before_it_is_stored(
    harm: Callable[[Search], float | None], said: str
) -> None:
    keeper = Memory(copy=written)
    with pytest.raises(DivergedError) as raised:
        training(Failing(harm), keeper).run(never)
    assert str(raised.value) == said
    assert [state["epoch"] for state in keeper.states] == [1]
    assert len(keeper.epochs) == 1
    tensors = keeper.states[0]["search"]["supernet"].values()
    assert all(torch.isfinite(tensor).all() for tensor in tensors)


def test_no_checkpoint_is_made_of_a_spoilt_state_when_it_is_stopped() -> None:
    keeper = Memory()
    with pytest.raises(DivergedError):
        training(Failing(spoil_weights), keeper).run(after(9))
    assert [state["epoch"] for state in keeper.states] == [1]


def test_a_step_with_an_infinite_gradient_leaves_the_weights_alone() -> None:
    search = training().search
    before = {name: value.clone() for name, value in search.supernet.state_dict().items()}
    loss = next(search.supernet.parameters()).sum() * 1e38 * 1e38
    with pytest.raises(DivergedError, match="the norm of the gradients"):
        search.weight_step(loss)
    assert all(torch.equal(value, before[name]) for name, value in search.supernet.state_dict().items())


def test_gradients_are_clipped_together() -> None:
    search = training().search
    before = [p.detach().clone() for p in search.supernet.parameters()]
    search.optimiser = torch.optim.SGD(search.supernet.parameters(), lr=1.0)
    search.weight_step(sum((p * 1000).sum() for p in search.supernet.parameters()))  # type: ignore[arg-type]
    moved = [(p.detach() - b).norm() ** 2 for p, b in zip(search.supernet.parameters(), before, strict=True)]
    assert math.sqrt(sum(moved)) == pytest.approx(5.0, rel=1e-4)


def test_the_learning_rate_falls_in_half_a_cosine() -> None:
    schedule = Cosine(0.025, 0.001, 50)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.025)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 50, eta_min=0.001)
    for epoch in range(50):
        assert schedule.rate(epoch) == pytest.approx(theirs.get_last_lr()[0])
        optimiser.step()
        theirs.step()


class Early(Chancy):
    def finished(self, search: Search, epoch: int) -> str | None:
        return "two skips" if epoch == 1 else None


def test_a_method_may_stop_early_and_then_nothing_goes_on() -> None:
    keeper = Memory(copy=written)
    run = training(Early(), keeper)
    assert run.run(never)
    assert [e.ended for e in run.past] == ["", "two skips"]
    again = training(Early())
    again.load_state_dict(keeper.states[-1])
    assert again.ended == "two skips"
    assert again.run(never)
    assert again.past == []


def test_what_an_epoch_came_to() -> None:
    run = training(epochs=12, learning_rate=0.1)
    run.run(never)
    first, last = run.past[0], run.past[-1]
    assert last.train_loss < first.train_loss
    assert last.held_accuracy > 0.6 > first.train_accuracy
    assert first.learning_rate == 0.1
    assert first.cost is None
    assert first.entropy == pytest.approx(math.log(4), abs=0.02)
    weights = torch.tensor(last.tables["cell"].weights)
    assert torch.allclose(weights, run.method.weights(run.search)["cell"], atol=1e-5)
    with torch.no_grad():
        run.search.supernet.eval()
        data = task().validation
        logits = run.search.forward(data.images, run.method.weights(run.search))
        assert last.held_accuracy == pytest.approx(float((logits.argmax(1) == data.labels).float().mean()))
        assert last.held_loss == pytest.approx(float(torch.nn.functional.cross_entropy(logits, data.labels)), rel=1e-5)


def test_the_data_of_a_batch_larger_than_a_half() -> None:
    run = training(batch=100)
    assert run.steps == 1
    assert run.run(never)


def test_settings_have_the_defaults_of_darts() -> None:
    wanted = asked(epochs=50, batch=64)
    assert (wanted.learning_rate, wanted.least_rate, wanted.momentum) == (0.025, 0.001, 0.9)
    assert (wanted.weight_decay, wanted.clip) == (3e-4, 5.0)
    assert (wanted.settled(False).share, wanted.settled(True).share) == (0.5, 0.2)
    assert isinstance(training(), Training)
