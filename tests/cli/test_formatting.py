"""fmt and print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from nasdsl.cli import program
from nasdsl.terminal import formatting
from nasdsl.terminal.program import ExitCode

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Spawn

ROOT = Path(__file__).parents[2]
MESSY = "param N=6 # six\ncell c ( x ) { out   x }\n"
NEAT = "param N = 6  # six\ncell c(x) { out x }\n"
WRONG = "cell c(x) { out }\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "below" / "deep").mkdir(parents=True)
    (tmp_path / "messy.nas").write_text(MESSY, encoding="utf-8")
    (tmp_path / "neat.nas").write_text(NEAT, encoding="utf-8")
    (tmp_path / "below" / "deep" / "messy.nas").write_text(MESSY, encoding="utf-8")
    (tmp_path / "below" / "wrong.nas").write_text(WRONG, encoding="utf-8")
    (tmp_path / "below" / "notes.txt").write_text(MESSY, encoding="utf-8")
    return tmp_path


def test_files_are_written_in_place(call: Call, files: Path) -> None:
    (files / "messy.nas").chmod(0o640)
    result = call("fmt", "messy.nas", "neat.nas", "messy.nas")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "formatted messy.nas\n", "")
    assert (files / "messy.nas").read_text(encoding="utf-8") == NEAT
    assert (files / "messy.nas").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in files.iterdir()) == ["below", "messy.nas", "neat.nas"]
    assert call("fmt", "messy.nas").stdout == ""


def test_a_folder_is_every_space_below_it_and_a_mistake_stops_nothing(call: Call, files: Path) -> None:
    result = call("fmt", "below", "missing.nas")
    assert result.exit_code == ExitCode.INPUT
    assert result.stdout == f"formatted {Path('below', 'deep', 'messy.nas')}\n"
    assert "below/wrong.nas:1:17" in result.stderr
    assert "there is no file `missing.nas`" in result.stderr
    assert (files / "below" / "wrong.nas").read_text(encoding="utf-8") == WRONG
    assert (files / "below" / "notes.txt").read_text(encoding="utf-8") == MESSY
    (files / "empty").mkdir()
    assert "there is no `.nas` file in `empty`" in call("fmt", "empty").stderr


def test_check_names_what_would_change_and_writes_nothing(call: Call, files: Path) -> None:
    result = call("fmt", "--check", "messy.nas", "neat.nas")
    assert (result.exit_code, result.stdout) == (ExitCode.INPUT, "would change messy.nas\n")
    assert (files / "messy.nas").read_text(encoding="utf-8") == MESSY
    assert call("fmt", "--check", "neat.nas").exit_code == 0


def test_diff_shows_what_would_change(call: Call, files: Path) -> None:
    result = call("fmt", "--diff", "messy.nas", "neat.nas")
    assert result.exit_code == ExitCode.INPUT
    assert result.stdout.splitlines() == [
        "--- messy.nas", "+++ messy.nas (formatted)", "@@ -1,2 +1,2 @@",
        "-param N=6 # six", "-cell c ( x ) { out   x }", "+param N = 6  # six", "+cell c(x) { out x }",
    ]  # fmt: skip
    assert (files / "messy.nas").read_text(encoding="utf-8") == MESSY
    assert call("fmt", "--diff", "neat.nas").exit_code == 0


def test_colours_of_a_diff() -> None:
    shown = formatting.difference(formatting.Result("a", "x", "y\n"), color=True)
    assert shown.splitlines() == [
        "--- a", "+++ a (formatted)", "\033[36m@@ -1 +1 @@\033[0m", "\033[31m-x\033[0m",
        "\\ No newline at end of file", "\033[32m+y\033[0m",
    ]  # fmt: skip


def test_standard_input(spawn: Spawn) -> None:
    done = spawn("fmt", "-", input=MESSY)
    assert (done.returncode, done.stdout, done.stderr) == (0, NEAT, "")
    assert spawn("fmt", "--check", "-", input=MESSY).stdout == "would change <stdin>\n"
    wrong = spawn("fmt", "-", input=WRONG)
    assert (wrong.returncode, wrong.stdout) == (ExitCode.INPUT, "")
    assert "--> <stdin>:1:17" in wrong.stderr


def test_a_link_stays_a_link(call: Call, files: Path) -> None:
    (files / "link.nas").symlink_to("messy.nas")
    assert call("fmt", "link.nas").exit_code == 0
    assert (files / "link.nas").is_symlink()
    assert (files / "messy.nas").read_text(encoding="utf-8") == NEAT


def test_nothing_is_left_behind_where_writing_fails(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "messy.nas")

    monkeypatch.chdir(files)
    monkeypatch.setattr(Path, "replace", fail)
    result = CliRunner().invoke(program, ["fmt", "messy.nas"], prog_name="nasdsl")
    assert result.exit_code == ExitCode.INPUT
    assert result.stderr == "error: messy.nas: No space left on device\n"
    assert sorted(path.name for path in files.iterdir()) == ["below", "messy.nas", "neat.nas"]
    assert (files / "messy.nas").read_text(encoding="utf-8") == MESSY


def test_a_fault_of_ours_is_said_to_be_one(call: Call, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nasdsl.syntax.formatter.layout", lambda source: "param N = 7\n")
    result = call("fmt", "messy.nas")
    assert result.exit_code == ExitCode.BUG
    assert "nothing was written" in result.stderr
    assert (files / "messy.nas").read_text(encoding="utf-8") == MESSY


def test_what_is_shipped_is_formatted(call: Call) -> None:
    result = call("fmt", "--check", str(ROOT / "spaces"), str(ROOT / "nasdsl" / "library"))
    assert (result.exit_code, result.output) == (0, "")


def test_print_gives_a_file_of_its_own(call: Call, tmp_path: Path) -> None:
    printed = call("print", "nasnet", "-p", "N=2")
    assert printed.exit_code == 0
    assert printed.stdout.startswith("use primitives (")
    (tmp_path / "flat.nas").write_text(printed.stdout, encoding="utf-8")
    assert call("check", "flat.nas").output == ""
    assert call("fmt", "--check", "flat.nas").output == ""
    assert call("print", "flat.nas").stdout == printed.stdout
    assert call("print", "nasnet", "--net", "none").exit_code == ExitCode.INPUT
