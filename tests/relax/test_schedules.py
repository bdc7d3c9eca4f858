"""What changes from epoch to epoch: rests, stages, temperatures, dropout."""

from __future__ import annotations

import math

import pytest
import torch

from nasdsl.relax import mixing
from tests.relax.toy import batch, begun, changed, made, searched, values


def test_the_architecture_of_pc_darts_rests_for_15_epochs() -> None:
    at = searched(edges=True)
    method = begun("pc-darts", at)
    assert (method.form.partial, method.form.edges) == (4, True)
    for epoch in range(17):
        at.begin_epoch(epoch)
        before, done = values(at), method.step(at, batch(epoch), batch(100 + epoch))
        assert changed(before, at) == (epoch >= 15)
        assert (done.held is None) == (epoch < 15)
    assert not torch.equal(before["normal"], at.architecture["normal"])


def test_a_short_search_rests_for_the_same_share() -> None:
    settings = made("pc-darts").settings
    assert [settings.resting(epoch, 10) for epoch in range(4)] == [True, True, True, False]
    assert not settings.resting(0, 1)
    assert [settings.resting(epoch, 100) for epoch in (14, 15)] == [True, False]


def test_p_darts_goes_from_8_to_5_to_3() -> None:
    at = searched(epochs=6)
    method = begun("p-darts", at)
    seen = []
    for epoch in range(6):
        at.begin_epoch(epoch)
        strongest = method.weights(at)["normal"].topk(5, 1).indices
        method.begin_epoch(at, epoch)
        weights = method.weights(at)["normal"]
        seen.append(set((weights > 0).sum(1).tolist()))
        if epoch == 2:
            assert torch.equal((weights > 0).nonzero()[:, 1].view(-1, 5), strongest.sort(1).values)
        method.step(at, batch(epoch), batch(100 + epoch))
        assert sum(at.supernet.calls.values()) <= sum((weights[:, 1:] > 0).sum(1).tolist())
    assert seen == [{8}, {8}, {5}, {5}, {3}, {3}]


def test_p_darts_drops_skips_less_and_less_within_a_stage() -> None:
    at = searched(epochs=75)
    method = begun("p-darts", at)
    skip = mixing.skips(at.supernet.tables[0])
    method.drop(at, 0)

    def share(epoch: int) -> float:
        at.epoch = epoch
        found = [method.mixed(at)["normal"] for _ in range(300)]
        assert all((weights[~skip] > 0).all() for weights in found)
        return torch.stack([(weights[skip] == 0).double().mean() for weights in found]).mean().item()

    assert share(0) == 0  # the first stage has none
    assert share(50) == pytest.approx(0.7 * 24 / 25, abs=0.05)
    assert share(60) == pytest.approx(0.7, abs=0.05)
    assert share(65) == pytest.approx(0.7 * math.exp(-1), abs=0.05)
    assert [method.params(epoch, 75) for epoch in (0, 74)] == [{}, {}]


def test_p_darts_asks_for_deeper_supernets() -> None:
    method = made("p-darts", stages="N = 1; N = 3; N = 5", keep="8, 5, 3")
    assert [method.params(epoch, 75)["N"] for epoch in (0, 24, 25, 49, 50, 74)] == [1, 1, 3, 3, 5, 5]


def test_temperatures_fall() -> None:
    at = searched(epochs=50)
    for name, hot, cold, halfway in (("snas", 1.0, 0.03, math.sqrt(0.03)), ("gdas", 10.0, 0.1, 5.05)):
        method = begun(name, at)
        found = []
        for at.epoch in (0, 24.5, 49):  # type: ignore[assignment]
            found.append(method.temperature(at))
        assert found == pytest.approx([hot, halfway, cold])


def test_one_shot_drops_more_and_more() -> None:
    """Seven candidates of each of two edges meet at the first node, of three at the second: r ** (1 / 14), (1 / 21)."""
    at = searched(epochs=11)
    method = begun("one-shot", at, rate=0.05)
    cell = at.supernet.tables[0]
    for epoch, rate in ((0, 0.0), (5, 0.025), (10, 0.05)):
        at.epoch = epoch
        gone = torch.stack([method.dropped(cell, at)[:, 1:] == 0 for _ in range(600)]).double().mean((0, 2))
        first, second = (rate ** (1 / k) if rate else 0.0 for k in (14, 21))
        assert gone[:2].mean().item() == pytest.approx(first, abs=0.03)
        assert gone[2:].mean().item() == pytest.approx(second, abs=0.03)
    weights = method.dropped(cell, at)
    assert torch.allclose(weights.sum(1), torch.ones(5))
    before = [p.detach().clone() for p in at.supernet.parameters()]
    method.step(at, batch(1), batch(2))
    after = list(at.supernet.parameters())
    still = sum(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert 0 < len(after) - still < len(after)
