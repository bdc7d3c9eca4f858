"""evolve, resume, runs, show and render, for real but small."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import nasdsl
from nasdsl.terminal.program import ExitCode

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Spawn

ENV = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent)}
SMALL = ["evolve", "hierarchical", "-p", "C=4", "--population", "2", "--sample", "2", "--data", "tiny.npz"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data of 200 images and one finished run of 4 evaluations."""
    where = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(0)
    arrays = {
        f"{kind}_{split}": rng.integers(0, 255, (n, 12, 12), dtype=np.uint8) if kind == "x" else np.arange(n) % 4
        for kind in "xy"
        for split, n in (("train", 200), ("test", 40))
    }
    np.savez(where / "tiny.npz", **arrays)
    command = [sys.executable, "-m", "nasdsl", *SMALL, "--budget", "4", "--name", "first", "--json-summary"]
    done = subprocess.run(command, cwd=where, env=ENV, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (where / "summary.json").write_text(done.stdout, encoding="utf-8")
    (where / "progress.txt").write_text(done.stderr, encoding="utf-8")
    return where


@pytest.fixture
def there(folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`call` in the folder with the finished run."""
    monkeypatch.chdir(folder)
    return call


def test_evolve_ends_with_the_best_and_where_it_lies(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["ending"], summary["done"], summary["budget"]) == ("finished", 4, 4)
    assert Path(folder / summary["run"]) == folder / "runs" / "first"
    scores = [each["validation"] for each in summary["best"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= each["test"] <= 1 and each["params"] > 0 and each["macs"] > 0 for each in summary["best"])
    assert all((folder / path).exists() for path in summary["files"])


def test_evolve_prints_the_binding_to_the_data(folder: Path) -> None:
    said = (folder / "progress.txt").read_text(encoding="utf-8")
    assert said.startswith("net search on ")
    assert "12x12" in said.splitlines()[0]
    assert "4/4" in said
    assert "\x1b" not in said


def test_runs_and_show(there: Call, folder: Path) -> None:
    listed = there("runs")
    assert "first" in listed.stdout
    assert "4/4" in listed.stdout
    [found] = json.loads(there("runs", "--json").stdout)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert found["best"] == summary["best"]
    for name in ("first", "runs/first"):
        shown = there("show", name)
        assert shown.exit_code == 0
        assert summary["best"][0]["genotype"] in shown.stdout


def test_no_runs(call: Call) -> None:
    assert call("runs").stdout == "no runs in runs\n"


@pytest.mark.parametrize("target", [["first", "--best"], ["first"], ["hierarchical"]], ids=" ".join)
def test_render(there: Call, target: list[str], tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    result = there("render", *target, "-o", str(path))
    assert (result.exit_code, result.stdout) == (0, f"{path}\n"), result.stderr
    assert b"<svg" in path.read_bytes()


def test_render_a_genotype_by_its_code(there: Call, folder: Path, tmp_path: Path) -> None:
    code = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["best"][0]["genotype"]
    best, same = tmp_path / "best.dot", tmp_path / "same.dot"
    assert there("render", "first", "--best", "-o", str(best)).exit_code == 0
    assert there("render", "first", "--genotype", code, "-o", str(same)).exit_code == 0
    assert best.read_bytes() == same.read_bytes()


def test_render_a_genotype_by_its_name(call: Call, tmp_path: Path) -> None:
    result = call("render", "darts", "--genotype", "darts_v2", "-o", "v2.png")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "v2.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nasnet", "-o", "a.bmp"], ExitCode.INPUT),
        (["nasnet", "-o", "no/such/folder/a.svg"], ExitCode.INPUT),
        (["nasnet", "--best"], ExitCode.USAGE),
        (["nasnet", "--best", "--genotype", "1f"], ExitCode.USAGE),
        (["nasnet", "--genotype", "nobody"], ExitCode.INPUT),
        (["nasnet", "--genotype", "f" * 40], ExitCode.INPUT),
        (["norun", "--best"], ExitCode.INPUT),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_render_says_what_is_wrong(call: Call, arguments: list[str], code: int) -> None:
    result = call("render", *arguments)
    assert result.exit_code == code, result.output
    assert "bug" not in result.stderr


@pytest.mark.parametrize("command", ["show", "resume", "render"])
def test_a_folder_that_is_no_run(call: Call, tmp_path: Path, command: str) -> None:
    (tmp_path / "stuff").mkdir()
    result = call(command, "stuff")
    assert result.exit_code == ExitCode.INPUT
    assert "bug" not in result.stderr
    assert list((tmp_path / "stuff").iterdir()) == []


@pytest.mark.parametrize("command", ["show", "resume"])
def test_a_run_that_is_not_there(call: Call, command: str) -> None:
    result = call(command, "nothing")
    assert result.exit_code == ExitCode.INPUT
    assert "nothing" in result.stderr


def test_data_of_the_wrong_shape(call: Call, tmp_path: Path) -> None:
    np.savez(tmp_path / "flat.npz", x_train=np.zeros(5), y_train=np.zeros(4), x_test=np.zeros(5), y_test=np.zeros(5))
    result = call("evolve", "hierarchical", "--data", "flat.npz")
    assert result.exit_code == ExitCode.INPUT
    assert "x_train" in result.stderr
    assert not (tmp_path / "runs").exists()


def test_more_workers_than_the_window(call: Call) -> None:
    result = call("evolve", "hierarchical", "--workers", "9", "--inflight", "8")
    assert result.exit_code == ExitCode.INPUT
    assert "--inflight 9" in result.stderr


def test_a_name_that_is_taken(there: Call) -> None:
    result = there(*SMALL, "--budget", "4", "--name", "first")
    assert result.exit_code == ExitCode.INPUT
    assert "first" in result.stderr


def test_a_finished_run_resumes_to_the_same_end(there: Call, folder: Path) -> None:
    result = there("resume", "first", "--json-summary")
    assert result.exit_code == 0, result.stderr
    first = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(result.stdout)["best"] == first["best"]


def test_ctrl_c_keeps_the_run_and_resume_ends_it(folder: Path, there: Call, spawn: Spawn) -> None:
    command = [sys.executable, "-m", "nasdsl", *SMALL, "--budget", "40", "--name", "stopped"]
    with subprocess.Popen(command, cwd=folder, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b"/40 " in line:
                break
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, said
    assert b"nasdsl resume runs/stopped" in out
    assert there("show", "stopped").exit_code == 0
    result = there("resume", "stopped", "--json-summary")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["done"] == 40


def test_a_mutation_that_is_none_is_a_mistake_of_the_command_line(call: Call) -> None:
    result = call("evolve", "darts", "--mutation", "regular")
    assert result.exit_code == ExitCode.USAGE
    said = " ".join(result.stderr.split())
    assert "`regular` is no mutation; mutations: any, regularized, hierarchical, or the probability" in said
    assert "did you mean `regularized`?" in said
    assert call("evolve", "darts", "--crossover", "2").exit_code == ExitCode.USAGE
