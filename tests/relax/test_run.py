"""Whole runs in their folders: killed at any instant and gone on with, loaded without running anything, refused."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import nasdsl
from nasdsl.diagnostics import NasdslError
from nasdsl.evolve import folder as folders
from nasdsl.evolve import run as evolution
from nasdsl.evolve.evaluators import Job
from nasdsl.relax import checkpoint, history, loaded, norms, plots, run, shared
from nasdsl.relax import folder as own
from nasdsl.relax.methods import METHODS

from .test_training import leaves

SPACE = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)

cell tiny(x) {
  node n[2] {
    from  pick 1 of earlier
    op    one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity]
    merge add
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { tiny; tiny }
  head  classifier(10)
}
"""
# Whatever is sampled, something reaches the output.
PLAIN = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)

cell plain(x) {
  node a { from x; op one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity] }
  node b { from a; op one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity] }
  out b
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { plain; plain }
  head  classifier(10)
}
"""
POOLS = """
use vision (max_pool, avg_pool, global_avg)

cell pools(x) { node n { from x; op one of [max_pool(3), avg_pool(3)] }; out n }

net search { input image(2, 8, 8); stage (width = 2) { pools }; head global_avg }
"""
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
def there(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with a space and 120 images of four classes, in which everything here happens."""
    where, before = tmp_path_factory.mktemp("relaxed"), Path.cwd()
    rng, threads = np.random.default_rng(0), torch.get_num_threads()
    arrays: dict[str, Any] = {}
    for split, count in (("train", 120), ("test", 40)):
        labels = np.arange(count) % 4
        arrays[f"y_{split}"] = labels
        arrays[f"x_{split}"] = (rng.integers(0, 60, (count, 8, 8)) + 60 * labels[:, None, None]).astype(np.uint8)
    (where / "tiny.nas").write_text(SPACE, encoding="utf-8")
    (where / "plain.nas").write_text(PLAIN, encoding="utf-8")
    np.savez(where / "tiny.npz", **arrays)
    os.chdir(where)
    torch.set_num_threads(1)
    yield where
    torch.set_num_threads(threads)
    os.chdir(before)


@pytest.fixture(autouse=True)
def undrawn(whole: run.Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures take longer than these searches; one run has been drawn."""
    monkeypatch.setattr(plots, "draw", lambda folder: True)


def asked(**more: Any) -> run.RelaxSettings:
    return run.settings(**{"space": "tiny.nas", "data": "tiny.npz", "epochs": 4, "batch": 8, "seed": 3, **more})


@pytest.fixture(scope="module")
def whole(there: Path) -> run.Summary:
    return run.start(asked(), name="whole")


def state(folder: Path) -> dict[str, Any]:
    found = checkpoint.load(folder, torch.device("cpu"))
    assert found is not None
    return leaves(found)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [epoch.model_dump(exclude={"seconds"}) for epoch in history.read(folder / own.HISTORY)]


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


def test_a_supernet_is_loaded_as_it_was_left(whole: run.Summary) -> None:
    found = loaded.load(whole.folder)
    kept = checkpoint.load(whole.folder, torch.device("cpu"))
    assert kept is not None
    supernet = found.supernet.state_dict()
    assert supernet.keys() == kept["search"]["supernet"].keys()
    assert all(torch.equal(value, kept["search"]["supernet"][name]) for name, value in supernet.items())
    assert torch.equal(found.architecture["tiny"], kept["search"]["architecture"]["tiny"])
    assert found.method.name == "darts"
    assert found.method.genotype(found.search).text("darts") in whole.genotype
    assert not found.supernet.training


class Evil:
    def __reduce__(self) -> Any:
        return Path.write_text, (Path("ran"), "code of a checkpoint ran")


def spoilt(whole: run.Summary, name: str, write: Any) -> Path:
    """A copy of the run, in which something is another."""
    import shutil

    folder = Path("spoilt") / name
    shutil.copytree(whole.folder, folder)
    write(folder)
    return folder


def refused(action: Any, *arguments: Any) -> Any:
    with pytest.raises(NasdslError) as raised:
        action(*arguments)
    return raised.value.diagnostics[0]


def test_nothing_in_a_checkpoint_is_run(whole: run.Summary) -> None:
    def evil(folder: Path) -> None:
        (folder / checkpoint.NAME).write_bytes(pickle.dumps(Evil()))

    folder = spoilt(whole, "evil", evil)
    for action in (run.resume, loaded.load):
        assert refused(action, folder).code == "E0913"

    def zipped(folder: Path) -> None:
        torch.save({"format": 1, "epoch": Evil()}, folder / checkpoint.NAME)

    assert refused(run.resume, spoilt(whole, "zipped", zipped)).code == "E0913"
    assert not Path("ran").exists()


def cut(folder: Path) -> None:
    data = (folder / checkpoint.NAME).read_bytes()
    (folder / checkpoint.NAME).write_bytes(data[: len(data) // 2])


def other(**changes: Any) -> Any:
    def change(folder: Path) -> None:
        held = torch.load(folder / checkpoint.NAME, weights_only=True)
        torch.save({**held, **changes}, folder / checkpoint.NAME)

    return change


def forgetful(folder: Path) -> None:
    (folder / own.HISTORY).write_text("", encoding="utf-8")
    other(epoch=2)(folder)


@pytest.mark.parametrize(
    ("name", "harm", "code"),
    [
        ("cut", cut, "E0913"),
        ("newer", other(format=9), "E0603"),
        ("epochless", other(epoch=None), "E0913"),
        ("weightless", other(epoch=2, search={}), "E0913"),
        ("methodless", other(epoch=2, method={"x": 1}), "E0913"),
        ("forgetful", forgetful, "E0913"),
        ("list", lambda folder: torch.save([1], folder / checkpoint.NAME), "E0913"),
    ],
)
def test_a_damaged_checkpoint_is_named(name: str, harm: Any, code: str, whole: run.Summary) -> None:
    assert refused(run.resume, spoilt(whole, name, harm)).code == code


def test_a_line_that_was_cut_off_is_no_harm(whole: run.Summary) -> None:
    def half(folder: Path) -> None:
        with (folder / own.HISTORY).open("a", encoding="utf-8") as file:
            file.write('{"epoch": 4, "train_')

    folder = spoilt(whole, "half", half)
    assert run.show(folder).done == 4
    assert len(history.read(folder / own.HISTORY)) == 4

    def broken(folder: Path) -> None:
        (folder / own.HISTORY).write_text("{}\n", encoding="utf-8")

    assert refused(run.show, spoilt(whole, "broken", broken)).code == "E0913"


def test_runs_of_both_kinds_are_told_apart(whole: run.Summary, tmp_path: Path) -> None:
    assert own.relaxed(whole.folder)
    assert not own.relaxed(tmp_path)
    diagnostic = refused(evolution.resume, whole.folder)
    assert diagnostic.code == "E0601"
    assert "`nasdsl relax` made it" in diagnostic.message
    assert whole.folder in [summary.folder for summary in run.list_runs()]


def test_another_process_at_work(whole: run.Summary) -> None:
    with folders.locked(whole.folder):
        assert refused(run.resume, whole.folder).code == "E0602"


def test_data_that_changed(whole: run.Summary) -> None:
    def change(folder: Path) -> None:
        text = (folder / "settings.json").read_text(encoding="utf-8")
        held = json.loads(text)
        held["data_sha256"] = "0" * 64
        (folder / "settings.json").write_text(json.dumps(held), encoding="utf-8")
        other(epoch=2)(folder)

    assert refused(run.resume, spoilt(whole, "changed", change)).code == "E0606"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"method": "dart"}, "E0906", "there is no method `dart`"),
        (
            {"method_settings": {"lr": -1.0}},
            "E0911",
            "the setting `lr` of `darts` is -1.0, and should be greater than 0",
        ),
        ({"method_settings": {"oder": 2}}, "E0911", "`darts` has no setting `oder`"),
        ({"device": "cuda:7"}, "E0934", "this machine has no device `cuda:7`"),
    ],
)
def test_what_cannot_be_begun_leaves_no_folder(more: dict[str, Any], code: str, said: str, tmp_path: Path) -> None:
    diagnostic = refused(run.start, asked(**more), None, tmp_path / "runs")
    assert (diagnostic.code, diagnostic.message) == (code, said)
    assert not (tmp_path / "runs").exists()


def test_a_space_without_weights(tmp_path: Path) -> None:
    Path("pools.nas").write_text(POOLS, encoding="utf-8")
    rng = np.random.default_rng(0)
    arrays = {f"x_{split}": rng.integers(0, 255, (20, 8, 8, 2)).astype(np.uint8) for split in ("train", "test")}
    np.savez("two.npz", **arrays, y_train=np.arange(20) % 2, y_test=np.arange(20) % 2)
    diagnostic = refused(run.start, asked(space="pools.nas", data="two.npz"), None, tmp_path / "runs")
    assert diagnostic.code == "E0917"


def test_a_method_in_stages_whose_decisions_change() -> None:
    Path("grown.nas").write_text(SPACE.replace("cell", "param N = 2\n\ncell").replace("n[2]", "n[N]"), encoding="utf-8")
    stages = {"keep": [5, 4], "stages": [{"N": 2}, {"N": 3}]}
    wanted = asked(space="grown.nas", method="p-darts", method_settings=stages, epochs=2)
    diagnostic = refused(run.start, wanted)
    assert diagnostic.code == "E0918"
    assert diagnostic.message == "`p-darts` sets N = 3, and `grown` decides something else then"


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


def test_settings_name_every_mistake() -> None:
    with pytest.raises(NasdslError) as raised:
        run.settings(space="x", epochs=0, batsh=3)
    messages = [each.message for each in raised.value.diagnostics]
    assert messages == [
        "the setting `epochs` is 0, and should be greater than or equal to 1",
        "there is no setting `batsh`",
    ]
    assert raised.value.diagnostics[1].helps == ("did you mean `batch`?",)


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


# Evolution on shared weights.


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


def test_latencies_are_part_of_a_run(whole: run.Summary, tmp_path: Path) -> None:
    diagnostic = refused(run.start, asked(target="latency=1ms"), None, tmp_path / "runs")
    assert diagnostic.code == "E0935"
    assert not (tmp_path / "runs").exists()
