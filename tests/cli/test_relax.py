"""relax, and every command that takes a run, on a run of it: for real but small."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import nasdsl
from nasdsl.relax.history import Epoch
from nasdsl.relax.methods import METHODS
from nasdsl.relax.progress import Started, Stepped
from nasdsl.terminal import relaxed
from nasdsl.terminal.program import ExitCode

if TYPE_CHECKING:
    from tests.cli.conftest import Call

ENV = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent), "OMP_NUM_THREADS": "1"}
SPACE = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)
param C = 2

cell tiny(x) {
  node n[2] { from pick 1 of earlier; op one of [conv_bn_relu(3), max_pool(3), identity]; merge add }
  out last(n)
}

net whole  { input image(3, 32, 32); stem conv_bn(3, width = C); stage (width = C) { tiny; tiny }; head classifier(10) }
net search { input image(3, 32, 32); stem conv_bn(3, width = C); stage (width = C) { tiny };       head classifier(10) }
"""
SMALL = ["relax", "tiny.nas", "--epochs", "2", "--batch", "20", "--data", "tiny.npz", "-p", "C=4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space, data of 200 images and one finished run."""
    where = tmp_path_factory.mktemp("relaxed")
    rng = np.random.default_rng(0)
    arrays = {
        f"{kind}_{split}": rng.integers(0, 255, (n, 8, 8), dtype=np.uint8) if kind == "x" else np.arange(n) % 4
        for kind in "xy"
        for split, n in (("train", 200), ("test", 40))
    }
    np.savez(where / "tiny.npz", **arrays)
    (where / "tiny.nas").write_text(SPACE, encoding="utf-8")
    command = [sys.executable, "-m", "nasdsl", *SMALL, "--name", "first"]
    done = subprocess.run(command, cwd=where, env=ENV, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (where / "out.txt").write_text(done.stdout, encoding="utf-8")
    (where / "progress.txt").write_text(done.stderr, encoding="utf-8")
    return where


@pytest.fixture
def there(folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(folder)
    return call


def test_the_progress_says_what_is_trained_on_what(folder: Path) -> None:
    lines = (folder / "progress.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("net search on tiny.npz: 8x8, 1 channel, 4 classes: 100 images train the weights, 100")
    assert "darts, 12 architecture parameters (tiny 3x4)" in lines[1]
    assert lines[2:4] == ["2 epochs of 5 steps on cpu", "run: runs/first"]
    assert lines[4].split() == ["epoch", "loss", "accuracy", "held-out", "accuracy", "entropy", "time", "left"]
    assert [line.split()[0] for line in lines[5:]] == ["1/2", "2/2"]


def test_the_end_names_the_genotype_and_commands_that_work(folder: Path, there: Call) -> None:
    said = (folder / "out.txt").read_text(encoding="utf-8")
    assert said.startswith("\ntiny, net search, darts, seed 0: finished after 2 of 2 epochs")
    assert (folder / "runs/first/genotype.nas").read_text(encoding="utf-8") in said
    commands = dict(line.split(":", 1) for line in said.splitlines() if " nasdsl " in line)
    assert set(commands) == {"its cost", "others"}
    cost = there(*shlex.split(commands["its cost"])[1:])
    assert cost.exit_code == 0, cost.stderr
    assert "valid          yes" in cost.stdout
    others = there(*shlex.split(commands["others"])[1:], "--data", "tiny.npz", "--budget", "3", "--workers", "1")
    assert others.exit_code == 0, others.stderr
    assert "finished after 3 of 3 evaluations" in others.stdout
    listed = there("runs").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["run", "first", "tiny-aging-1"]
    assert listed[1].split()[1:5] == ["tiny", "darts", "0", "2/2"]
    both = json.loads(there("runs", "--json").stdout)
    assert [each["ending"] for each in both] == ["finished", "finished"]
    assert both[0]["kind"] == "relax"


def test_other_commands_take_the_run(folder: Path, there: Call, tmp_path: Path) -> None:
    for arguments in (["show", "first"], ["resume", "first"]):
        result = there(*arguments)
        assert (result.exit_code, "genotype darts of search {" in result.stdout) == (0, True), result.stderr
    told = json.loads(there("show", "first", "--json").stdout)
    assert (told["method"], told["done"], told["epochs"]) == ("darts", 2, 2)
    assert all((folder / path).is_file() for path in told["files"])
    drawn = there("render", "first", "--best", "-o", str(tmp_path / "best.svg"))
    assert drawn.exit_code == 0, drawn.stderr
    same = there("render", "first:darts", "-o", str(tmp_path / "same.svg"))
    assert same.exit_code == 0, same.stderr
    assert (tmp_path / "best.svg").read_bytes() == (tmp_path / "same.svg").read_bytes()
    assert "import torch" in there("code", "first", "--best").stdout


def test_ctrl_c_keeps_the_run_and_resume_ends_it(folder: Path, there: Call) -> None:
    command = [sys.executable, "-m", "nasdsl", *SMALL, "--epochs", "2000", "--name", "stopped"]
    with subprocess.Popen(command, cwd=folder, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.split()[:1] == [b"2/2000"]:
                break
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, said
    assert b"to go on: nasdsl resume runs/stopped" in out
    shown = json.loads(there("show", "stopped", "--json").stdout)
    assert shown["ending"] == "interrupted"
    assert 2 <= shown["done"] < 2000


def test_a_supernet_of_another_space(there: Call) -> None:
    result = there("evolve", "tiny.nas", "--net", "search", "--data", "tiny.npz", "--evaluator", "supernet:first",
                   "--restrict", "tiny.n[0].op = identity")  # fmt: skip
    assert result.exit_code == ExitCode.INPUT
    assert "error[E0915]: the supernet of runs/first is of another space than `tiny`" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["relax", "darts", "--set", "order"], "'order' is not NAME=VALUE"),
        (["relax", "darts", "--set", "a=1", "--set", "a=2"], "a is given twice"),
        (["relax", "darts", "--share", "1"], "1.0 is not in the range"),
        (["resume", "first", "--workers", "2"], "--workers belongs to a run of `evolve`"),
        (["evolve", "tiny.nas", "--evaluator", "first"], "'first' is not supernet:RUN"),
        (["evolve", "tiny.nas", "--evaluator", "supernet:"], "'supernet:' is not supernet:RUN"),
        (["evolve", "tiny.nas", "--evaluator", "supernet:first", "--epochs", "2"], "--epochs: nothing is trained"),
        (["evolve", "tiny.nas", "--norm-batches", "2"], "--norm-batches belongs to --evaluator"),
    ],
)
def test_mistakes_of_the_command_line(arguments: list[str], said: str, there: Call) -> None:
    result = there(*arguments)
    assert result.exit_code == ExitCode.USAGE
    assert said in " ".join(result.stderr.split())


def test_settings_of_a_method_are_json_or_words() -> None:
    from nasdsl.terminal.relaxing import values

    context: object = None
    given = ("order=2", "lr=1e-3", "keep=[8, 5]", "on=true", "mode=fast", "n=N=1")
    found = values(context, context, given)  # type: ignore[arg-type]
    assert found == {"order": 2, "lr": 1e-3, "keep": [8, 5], "on": True, "mode": "fast", "n": "N=1"}


def test_the_methods_are_listed(call: Call) -> None:
    result = call("relax", "--list")
    assert result.exit_code == 0
    assert [part.splitlines()[0] for part in result.stdout.split("\n\n")] == list(METHODS)


STARTED = Started(
    folder=Path("runs/a"), space="darts", net="search", size=7**46, method="darts", binding="1x14x14, 10 classes",
    device="cpu", tables={f"t{i}": (14, 8) for i in range(8)}, weights=1_930_618, parameters=224, images=5000,
    held=5000, epochs=50, steps=78,
)  # fmt: skip
EPOCH = Epoch(
    epoch=4, train_loss=1.5, train_accuracy=0.5, architecture_loss=1.4, held_loss=1.25, held_accuracy=0.625,
    learning_rate=0.02, cost=3e8, cost_shown="300M multiply-adds", entropy=2.0794, skips=None, tables={}, seconds=61.0,
)  # fmt: skip


def test_lines_of_an_epoch_and_within_a_long_one() -> None:
    now, written = 0.0, []
    lines = relaxed.Lines(written.append, clock=lambda: now)
    lines.started(STARTED)
    assert written[1].endswith("(t0 14x8, t1 14x8, t2 14x8, t3 14x8, t4 14x8, t5 14x8 and 2 more)")
    del written[:]
    for step in range(1, 79):
        now += 1.0
        lines.stepped(Stepped(epoch=4, epochs=50, step=step, steps=78, loss=1.5, rate=1.0, eta=3723.0))
    assert written[0] == "epoch 5/50, step 30/78  loss 1.5000  1.0 steps/s, 1h02m left"
    assert len(written) == 2
    lines.measured(EPOCH, 50, 2745.0)
    assert (
        written[-1].lstrip()
        == "5/50   1.5000    0.5000    1.2500    0.6250   2.0794    1m01s  45m45s  expected 300M multiply-adds"
    )
    lines.note("skips take over")
    assert written[-1] == "note: skips take over"


def test_the_bar_scrolls_epochs_and_shows_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    bar = relaxed.Bar()
    with bar.live:
        bar.started(STARTED)
        bar.stepped(Stepped(epoch=4, epochs=50, step=30, steps=78, loss=1.5, rate=None, eta=None))
        bar.live.refresh()
        bar.measured(EPOCH, 50, None)
        bar.note("[red]skips[/red]")
    said = stream.getvalue()
    assert "epoch 5/50, step 30/78  loss 1.5000" in said
    assert "note: [red]skips[/red]" in said
    assert "0.6250" in said
