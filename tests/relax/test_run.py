"""Whole runs in their folders: killed or stopped at any instant they go on to the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import nasdsl
from nasdsl.relax import checkpoint, history, loaded, run
from nasdsl.relax import folder as own
from nasdsl.relax.methods import METHODS

from .runs import SPACE, asked, inside, lines, refused, state, undrawn

START = """
from pathlib import Path
import torch
torch.set_num_threads(1)
from nasdsl.relax import run
from nasdsl.relax.training import Training
Training.spacing = 0.0
asked = run.settings(space="tiny.nas", data="tiny.npz", epochs=4, batch=8, seed=3)
run.start(asked, name={name!r})
"""
AGAIN = """
from pathlib import Path
from nasdsl.relax import run
from nasdsl.relax.training import Training
Training.spacing = 0.0
run.resume(Path("runs") / {name!r})
"""


@pytest.fixture(scope="module", autouse=True)
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with inside(tmp_path_factory.mktemp("relaxed")) as where:
        yield where


@pytest.fixture(scope="module", autouse=True)
def whole(there: Path) -> Iterator[run.Summary]:
    """A finished run, the only one that is drawn."""
    summary = run.start(asked(), name="whole")
    with undrawn():
        yield summary


def test_a_finished_run_holds_all_it_promises(whole: run.Summary) -> None:
    folder = whole.folder
    assert (whole.ending, whole.done, whole.epochs) == ("finished", 4, 4)
    assert {path.name for path in folder.iterdir()} == {
        *("settings.json", "space.nas", "checkpoint.pt", "tables.json", "history.jsonl", "genotype.nas"),
        *("search.svg", "search.png", "lock"),
    }
    space = nasdsl.load("tiny.nas", genotypes=str(folder / "genotype.nas"))
    assert "darts" in space.points
    assert whole.genotype.startswith("# after epoch 4\ngenotype darts of search {")
    first, *_, last = history.read(folder / own.HISTORY)
    assert last.train_loss < first.train_loss
    assert last.learning_rate < first.learning_rate == 0.025
    assert {name: len(rows) for name, rows in own.read_tables(folder).items()} == {"tiny": 3}
    assert run.show(folder) == whole
    assert run.resume(folder) == whole


def killed(there: Path, name: str, times: int) -> Path:
    """A run that was killed so often, each time at another instant: between steps, while a file is written."""
    env = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
    folder = there / "runs" / name
    path = folder / checkpoint.NAME
    for kill in range(times):
        code = (START if kill == 0 else AGAIN).format(name=name)
        before = path.stat().st_mtime_ns if path.exists() else 0
        with subprocess.Popen([sys.executable, "-c", code], cwd=there, env=env, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                if path.exists() and path.stat().st_mtime_ns != before:
                    time.sleep(0.013 * kill)
                    process.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.001)
            assert process.wait() in (0, -signal.SIGKILL)
    return folder


def ends_alike(folder: Path, whole: run.Summary) -> None:
    ended = run.resume(folder)
    assert (ended.ending, ended.done) == ("finished", 4)
    assert state(folder) == state(whole.folder)
    assert lines(folder) == lines(whole.folder)
    assert ended.genotype == whole.genotype


def test_killed_at_any_instant_it_ends_with_the_same_bits(there: Path, whole: run.Summary) -> None:
    ends_alike(killed(there, "killed", 2), whole)


@pytest.mark.prove
def test_killed_many_times_it_ends_with_the_same_bits(there: Path, whole: run.Summary) -> None:
    ends_alike(killed(there, "killed-often", 12), whole)


class Stopping(run.Quiet):
    """Asks for a stop as Ctrl-C does, at one step of one epoch."""

    def __init__(self, epoch: int, step: int) -> None:
        self.at = (epoch, step)

    def stepped(self, event: Any) -> None:
        if (event.epoch, event.step) == self.at:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("at", [(0, 1), (1, 3), (3, 7)])
def test_ctrl_c_keeps_the_steps_of_the_epoch(at: tuple[int, int], whole: run.Summary) -> None:
    stopped = run.start(asked(), Stopping(*at), name=f"stopped-{at[0]}")
    assert (stopped.ending, stopped.done) == ("interrupted", at[0])
    kept = checkpoint.load(stopped.folder, torch.device("cpu"))
    assert kept is not None
    assert (kept["epoch"], kept["sums"]["steps"]) == at
    assert run.resume(stopped.folder).ending == "finished"
    assert state(stopped.folder) == state(whole.folder)
    assert lines(stopped.folder) == lines(whole.folder)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_other_methods_go_on_exactly(method: str) -> None:
    """Their optimisers, samplers and controllers are part of a checkpoint."""
    more: dict[str, Any] = {"target": "params"} if method == "gold-nas" else {}
    if "candidates" in METHODS[method].Settings.model_fields:
        more["method_settings"] = {"candidates": 3}
    wanted = asked(space="plain.nas", method=method, epochs=2, limit_batches=3, **more)
    straight = run.start(wanted, name=f"{method}-straight")
    halted = run.start(wanted, Stopping(1, 2), name=f"{method}-halted")
    assert halted.ending == "interrupted"
    run.resume(halted.folder)
    assert state(halted.folder) == state(straight.folder)
    assert lines(halted.folder) == lines(straight.folder)


def test_chance_and_threads_of_the_caller_stay_as_they_were(whole: run.Summary) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    run.start(asked(epochs=1, limit_batches=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_method_in_stages_goes_on_exactly() -> None:
    Path("deep.nas").write_text(
        SPACE.replace("cell", "param N = 1\n\ncell").replace("tiny; tiny", "repeat N { tiny }"), encoding="utf-8"
    )
    stages = {"keep": [5, 4], "stages": [{"N": 1}, {"N": 3}]}
    wanted = asked(space="deep.nas", method="p-darts", method_settings=stages, epochs=3)
    straight = run.start(wanted, name="straight")
    assert loaded.load(straight.folder).open.space.params == {"N": 3}
    for at in ((0, 2), (2, 1)):
        halted = run.start(wanted, Stopping(*at), name=f"halted-{at[0]}")
        run.resume(halted.folder)
        assert state(halted.folder) == state(straight.folder)
        assert lines(halted.folder) == lines(straight.folder)


def test_a_loss_that_is_not_finite_keeps_the_last_good_state(monkeypatch: pytest.MonkeyPatch) -> None:
    before = METHODS["darts"].step
    calls: list[int] = []

    def step(self: Any, search: Any, train: Any, held: Any) -> Any:
        calls.append(1)
        if len(calls) == 10:
            next(search.supernet.parameters()).data.fill_(float("nan"))
        return before(self, search, train, held)

    monkeypatch.setattr(METHODS["darts"], "step", step)
    diagnostic = refused(lambda: run.start(asked(), name="diverged"))
    assert diagnostic.code == "E0912"
    assert diagnostic.message.endswith("not finite, in epoch 2, step 3 of 7")
    assert "keeps the last good state" in diagnostic.notes[0]
    monkeypatch.undo()
    kept = checkpoint.load(Path("runs/diverged"), torch.device("cpu"))
    assert kept is not None
    assert kept["epoch"] == 1
    assert {path.name for path in Path("runs/diverged").iterdir()} >= {"genotype.nas"}
    assert run.resume(Path("runs/diverged")).ending == "finished"
    assert lines(Path("runs/diverged"))[0] == lines(Path("runs/diverged"))[0]


def test_the_cost_is_told_and_limited(whole: run.Summary) -> None:
    free = run.start(asked(target="params", strength=1e-6), name="free")
    cheap = run.start(asked(target="params=100", method_settings={"lr": 0.1}), name="cheap")
    costs = [[epoch.cost for epoch in history.read(each.folder / own.HISTORY)] for each in (free, cheap)]
    assert all(cost is not None for cost in costs[0])
    assert costs[1][-1] < 0.9 * costs[0][-1]  # type: ignore[operator]
