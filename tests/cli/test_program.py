"""What the shell is told when something goes wrong, whatever it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import nasdsl
from nasdsl.cli import program
from nasdsl.diagnostics import error
from nasdsl.terminal.program import ExitCode, Program, Stopped
from nasdsl.version import VERSION

COMMANDS = [
    *("check", "fmt", "explain", "info", "print", "sample", "evolve", "relax", "resume", "runs", "show"),
    *("latency", "render", "code", "spaces", "lsp"),
]  # fmt: skip


def failing(failure: BaseException) -> Program:
    """A program whose one command raises."""

    @click.group(cls=Program)
    def group() -> None:
        pass

    @group.command()
    def go() -> None:
        raise failure

    return group


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (
            error("E0301", "there is no operation `convv`"),
            ExitCode.INPUT,
            "error[E0301]: there is no operation `convv`",
        ),
        (FileNotFoundError(2, "No such file or directory", "a/b.png"), ExitCode.INPUT, "error: a/b.png: No such file"),
        (ModuleNotFoundError("no", name="deap.tools"), ExitCode.INPUT, "error: the package `deap` is missing"),
        (ModuleNotFoundError("no", name="nasdsl.gone"), ExitCode.BUG, "this is a bug in nasdsl"),
        (click.UsageError("not so"), ExitCode.USAGE, "not so"),
        (Stopped(ExitCode.INCOMPLETE), ExitCode.INCOMPLETE, ""),
        (KeyError("depth"), ExitCode.BUG, "this is a bug in nasdsl: KeyError: 'depth'"),
        (OSError("no file named"), ExitCode.BUG, "this is a bug in nasdsl: OSError: no file named"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_failure_has_its_code_and_no_traceback(
    failure: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NASDSL_TRACEBACK", raising=False)
    result = CliRunner().invoke(failing(failure), ["go"])
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_bug_says_how_to_see_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NASDSL_TRACEBACK", raising=False)
    assert "NASDSL_TRACEBACK=1" in CliRunner().invoke(failing(KeyError("depth")), ["go"]).stderr
    monkeypatch.setenv("NASDSL_TRACEBACK", "1")
    result = CliRunner().invoke(failing(KeyError("depth")), ["go"])
    assert "Traceback (most recent call last)" in result.stderr
    assert result.exit_code == ExitCode.BUG


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(program, [command, "--help"], prog_name="nasdsl")
    assert result.exit_code == 0
    assert f"nasdsl {command}" in result.stdout.split("Example", 1)[1]


def test_the_help_names_every_command_and_exit_code() -> None:
    result = CliRunner().invoke(program, ["--help"])
    assert list(program.commands) == COMMANDS
    assert all(f"\n  {command} " in result.stdout for command in COMMANDS)
    assert all(f"\n    {code.value} " in result.stdout for code in ExitCode)


def test_version() -> None:
    assert CliRunner().invoke(program, ["--version"]).stdout == f"nasdsl, version {VERSION}\n"


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["info"], ["info", "nasnet", "--jsn"], ["evolve", "x", "--budget", "0"]]
)
def test_a_wrong_command_line_is_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(program, arguments).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("N", "'N' is not NAME=VALUE"),
        ("N=", "'' is not a number"),
        ("N=two", "'two' is not a number"),
        ("N=inf", "'inf' is not a number"),
        ("2=N", "'2=N' is not NAME=VALUE"),
    ],
)
def test_a_malformed_parameter(value: str, said: str) -> None:
    result = CliRunner().invoke(program, ["info", "nasnet", "-p", value])
    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr


def test_a_parameter_given_twice() -> None:
    result = CliRunner().invoke(program, ["info", "nasnet", "-p", "N=1", "-p", "N=2"])
    assert result.exit_code == ExitCode.USAGE
    assert "N is given twice, as 1 and as 2" in result.stderr


def test_output_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nasdsl", "sample", "nasnet", "-n", "2000"]
    env = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=env) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == ExitCode.BROKEN_PIPE


def test_ctrl_c_is_code_130(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nasdsl", "sample", "nasnet", "-n", "1000000000"]
    env = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=env) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == ExitCode.INTERRUPTED
    assert b"Traceback" not in said
