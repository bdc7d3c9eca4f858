"""Every method: its name, what it refuses, what it trains by what, and that it goes on exactly from its state."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
import torch

from nasdsl.diagnostics import NasdslError
from nasdsl.relax.method import Method, known
from nasdsl.relax.methods import METHODS
from nasdsl.relax.search import Search
from tests.relax.toy import Units, batch, begun, changed, choices, made, searched, values

WITHOUT_A_SPACE = [name for name in METHODS if name not in ("spos", "enas")]


def test_every_method_of_the_list_is_there() -> None:
    assert list(METHODS) == [
        "darts", "snas", "gdas", "pc-darts", "p-darts", "darts+", "fair-darts", "gold-nas", "nasp", "amended",
        "merge-nas", "proxyless", "drnas", "spos", "fairnas", "enas", "one-shot",
    ]  # fmt: skip
    for name, kind in METHODS.items():
        assert kind.name == name
        assert kind.summary
        assert "," in kind.paper


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(NasdslError) as raised:
        known("pcdarts", METHODS)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "E0906"
    assert diagnostic.helps == ("did you mean `pc-darts`?",)


# What each kind of row is relaxed by.
REFUSALS = {
    "order": {"gdas", "p-darts", "fair-darts", "gold-nas", "nasp", "proxyless", "drnas", "fairnas", "one-shot"},
    "depth": {"fair-darts", "gold-nas"},
    "choice": set(),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_decision_that_a_method_cannot_relax_is_named_with_the_methods_that_can(
    kind: str,
) -> None:
    rows = choices("levels", 4, ("one", "two", "three", "four"), kind)
    for name in METHODS:
        opened = searched(rows).supernet.open
        if name not in REFUSALS[kind]:
            made(name).check(opened)
            continue
        with pytest.raises(NasdslError) as raised:
            made(name).check(opened)
        first, *_ = raised.value.diagnostics
        assert len(raised.value.diagnostics) == 4  # one of each path
        assert (first.code, first.message) == ("E0901", f"`{name}` cannot relax `levels[0]`")
        assert first.notes[0]
        able = [other for other in METHODS if other not in REFUSALS[kind]]
        assert first.helps[-1] == f"able are {', '.join(able)}"


def _choices() -> tuple[Any, ...]:
    return choices("wide", 3), choices("narrow", 2, ("conv(1)", "conv(3)"))


@pytest.mark.parametrize("name", WITHOUT_A_SPACE)
def test_a_search_goes_on_exactly_from_its_state(name: str) -> None:
    """Five epochs of two steps, and the same with everything written out and read after the third."""
    tables = (searched().supernet.tables[0],)

    def fresh() -> tuple[Search, Any]:
        at = searched(*tables, epochs=6, resource=Units())
        return at, begun(name, at)

    def epoch(at: Search, method: Any, number: int) -> None:
        at.begin_epoch(number)
        method.begin_epoch(at, number)
        for step in range(2):
            done = method.step(at, batch(10 * number + step), batch(500 + 10 * number + step))
            assert math.isfinite(done.train)

    whole, method = fresh()
    for number in range(3):
        epoch(whole, method, number)
    buffer = io.BytesIO()
    torch.save({"search": whole.state_dict(), "method": method.state_dict()}, buffer)
    for number in range(3, 6):
        epoch(whole, method, number)

    buffer.seek(0)
    state = torch.load(buffer, weights_only=True)
    resumed, method = fresh()
    method.load_state_dict(state["method"])
    resumed.load_state_dict(state["search"])
    for number in range(3, 6):
        epoch(resumed, method, number)
    assert all(
        torch.equal(a, b) for a, b in zip(whole.supernet.parameters(), resumed.supernet.parameters(), strict=True)
    )
    assert not changed(values(whole), resumed)


def test_the_architecture_learns_from_held_out_images_alone_and_weights_from_the_others() -> None:
    """What the architecture does in a first step is the same whatever the training images; weights see no held ones."""
    steps: dict[tuple[int, int], Search] = {}
    for train, held in ((1, 2), (3, 2), (1, 4)):
        at = searched()
        begun("darts", at).step(at, batch(train), batch(held))
        steps[train, held] = at
    assert not changed(values(steps[1, 2]), steps[3, 2])
    assert changed(values(steps[1, 2]), steps[1, 4])


def test_one_level_methods_train_the_architecture_by_the_training_images() -> None:
    for name in ("snas", "gold-nas"):
        assert METHODS[name].one_level
        after = []
        for train, held in ((1, 2), (1, 4), (3, 2)):
            at = searched(resource=Units())
            before = values(at)
            done = begun(name, at).step(at, batch(train), batch(held))
            assert done.held is None
            assert changed(before, at)
            after.append(at)
        assert not changed(values(after[0]), after[1])
        assert changed(values(after[0]), after[2])


def test_no_method_changes_what_it_does_not_train() -> None:
    at = searched(choices("wide", 2))
    for name in ("fairnas", "one-shot"):
        before = values(at)
        method: Method = begun(name, at)
        method.step(at, batch(1), batch(2))
        assert not changed(before, at)
