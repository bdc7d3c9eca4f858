"""Every code has a page, and every page says what really happens."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nasdsl
from nasdsl import explain
from nasdsl.compiler.examine import diagnostics
from nasdsl.draw import renderer
from nasdsl.source import SourceFile

TESTS = Path(__file__).parent.parent
PACKAGE = Path(nasdsl.__file__).parent
PAGES = {page.code: page for page in explain.pages(())}
FILES = sorted(code for code, page in PAGES.items() if not page.met)

# Codes that no command line shows in a moment, and the test in which they are raised.
ELSEWHERE = {
    "E0512": "cli/test_code.py",  # it takes two files
    "E0282": "ops/test_plugins.py",  # it takes a plug-in whose operation has no builder
    "E0284": "ops/test_plugins.py",  # it takes a plug-in whose builder makes a class of its own
    "E0283": "ops/test_plugins.py",  # it takes a plug-in whose rule fails
    "E0412": "compiler/test_module.py",  # a module is built from Python
    "E0502": "space/test_vary.py",  # a mutation is asked for from Python
    "E0503": "space/test_vary.py",  # values are given from Python
    "E0531": "test_genotype_file.py",  # a text is read from Python
    "E0532": "test_genotype_file.py",  # a text is read from Python
    "E0520": "space/test_mutations.py",  # a mutation is asked for from Python
    "E0522": "space/test_mutations.py",  # a mutation is asked for from Python
    "E0602": "evolve/test_run.py",  # it takes two processes
    "E0605": "evolve/test_search.py",  # it takes a run of another version
    "E0607": "evolve/test_executors.py",  # it takes a machine without the device
    "E0608": "evolve/test_run.py",  # it takes a run that is damaged
    "E0617": "compiler/test_code.py",  # a module is built from Python
    "E0912": "relax/test_run.py",  # it takes a search that diverges
    "E0913": "relax/test_refused.py",  # it takes a run that is damaged
    "E0915": "relax/test_shared.py",  # it takes a trained supernet
    "E0917": "relax/test_refused.py",  # it takes images of two channels
    "E0918": "relax/test_refused.py",  # it takes a search in stages
    "E0932": "relax/test_resource.py",  # it takes a search of the relaxed space
    "E0933": "relax/test_resource.py",  # it takes a search of the relaxed space
    "E0935": "relax/test_resource.py",  # it takes a search of the relaxed space
    "E0936": "relax/test_resource.py",  # it takes a search of the relaxed space
    "E0937": "relax/test_resource.py",  # it takes a search of the relaxed space
    "E0902": "relax/test_equality.py",  # it takes a relaxed space
    "E0903": "relax/test_equality.py",  # it takes a relaxed space
    "E0901": "relax/test_methods.py",  # it takes an open network
    "E0907": "relax/test_gates.py",  # it takes a supernet
    "E0908": "relax/test_on_spaces.py",  # it takes an open network
    "E0940": "relax/test_nearest.py",  # weights are given from Python
    "E0941": "relax/test_nearest.py",  # weights are given from Python
}


def raised() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return set(re.findall(r"[\"']([EW]\d{4})[\"']", text))


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(PAGES) == raised()


def test_every_code_has_a_golden() -> None:
    reports = "".join(path.read_text(encoding="utf-8") for path in (TESTS / "errors").glob("*.err"))
    shown = set(re.findall(r"(?:error|warning)\[(\w+)\]", reports))
    assert raised() - shown - set(ELSEWHERE) <= set(SETTINGS)
    for code, where in ELSEWHERE.items():
        assert code in (TESTS / where).read_text(encoding="utf-8"), code


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_is_short_and_in_plain_lines(code: str) -> None:
    page = PAGES[code]
    assert page.code == code
    assert len(page.title) <= 80
    assert not page.title.endswith(".")
    assert 1 <= len(page.prose.splitlines()) <= 10
    assert all(len(line) <= 96 for line in page.prose.splitlines())


@pytest.mark.parametrize("code", FILES)
def test_the_wrong_example_gives_the_code_and_the_right_one_nothing(code: str) -> None:
    page = PAGES[code]
    assert {each.code for each in diagnostics(SourceFile("wrong.nas", page.wrong + "\n"))} == {code}
    assert diagnostics(SourceFile("right.nas", page.right + "\n")) == ()


def file(name: str, content: bytes) -> Callable[..., object]:
    return lambda _: Path(name).write_bytes(content)


def arrays(name: str, **other: Any) -> Callable[..., object]:
    right = {"x_train": np.zeros((20, 8, 8), np.uint8), "y_train": np.arange(20) % 4,
             "x_test": np.zeros((8, 8, 8), np.uint8), "y_test": np.arange(8) % 4}  # fmt: skip
    held = {key: value for key, value in (right | other).items() if value is not None}
    return lambda _: np.savez(name, **held)


def newer(_: pytest.MonkeyPatch) -> None:
    folder = Path("runs/darts-1")
    folder.mkdir(parents=True)
    (folder / "space.nas").touch()
    (folder / "settings.json").write_text('{"format": 9}')


def evolved(_: pytest.MonkeyPatch) -> None:
    folder = Path("runs/darts-1")
    folder.mkdir(parents=True)
    (folder / "space.nas").touch()
    (folder / "settings.json").write_text('{"format": 1}')


def without(*programs: str) -> Callable[[pytest.MonkeyPatch], None]:
    def take_away(patch: pytest.MonkeyPatch) -> None:
        for program in programs:
            patch.setattr(renderer, program, lambda: None)

    return take_away


DEAD = b"use vision (none)\n\ncell f(x) {\n  node n { from x; op none }\n  out n\n}\n"

NAMED = b"""use vision (conv)
param N = 1

net small { input image(3, 8); s: repeat N { conv(3 | 5) } }

genotype deep of small (N = 2) { small.s[0].k = 5; small.s[1].k = 3 }
"""
WORDS = b"""use vision (classifier)

net words { input sequence(128, 35); head classifier(4) }
"""
TUNED = b"""hyper rate = one of [0.1, 0.05]
use vision (conv_bn, classifier)

net search { input image(3, 32, 32); stem conv_bn(3, width = 8); head classifier(10) }
"""
SIZES = b"""use vision (conv_bn, classifier)

net search {
  input image(3, 16 | 32)
  stem  conv_bn(3, width = 8)
  head  classifier(10)
}
"""
SECOND = b"""from nasdsl.ops.primitive import Primitive

OPERATIONS = {"mine": [Primitive("conv", "", lambda inputs, args: inputs[0])]}
"""

ONE_THREAD = b"""{"format": 1, "nasdsl": "0.1", "entries": {}, "machine":
  {"processor": "Z80", "device": "cpu", "threads": 1, "batch": 1, "torch": "2.6.0"}}
"""


def imports(name: str, *others: str, content: bytes = b"") -> Callable[..., object]:
    """A file that imports others, of which those that are to exist have that content."""

    def write(_: pytest.MonkeyPatch) -> None:
        Path(name).write_text("".join(f'use "{other}" (stak)\n' for other in others), encoding="utf-8")
        for other in others if content else ():
            Path(other).write_bytes(content)

    return write


# What must be there before the command of a page is typed.
SETTINGS: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    **dict.fromkeys(
        ("E0001", "E0002", "E0230", "E0507", "E0510", "E0521", "E0530", "E0540", "E0601", "E0604"), lambda _: None
    ),
    **dict.fromkeys(("E0606", "E0609", "E0610", "E0701", "E0704"), lambda _: None),
    **dict.fromkeys(("E0821", "E0822", "E0823", "E0824", "E0825"), lambda _: None),
    "E0112": file("weights.nas", b"#" * 1_100_000),
    "E0116": lambda _: Path("runs").mkdir(),
    "E0117": file("old.nas", b"# caf\xe9\n"),
    "E0270": imports("ring.nas", "ring.nas"),
    "E0271": imports("lost.nas", "blocks.nas"),
    "E0272": imports("far.nas", "/spaces/blocks.nas"),
    "E0273": imports("large.nas", "a.nas", "b.nas", content=b"block stak { relu }" + b"#" * 600_000),
    "E0275": imports("short.nas", "parts.nas", content=b"block stack { identity }\n"),
    "E0280": lambda _: None,
    "E0281": file("second_conv.py", SECOND),
    "E0410": file("words.nas", WORDS),
    "E0501": file("sparse.nas", DEAD),
    "E0511": file("small.nas", NAMED),
    "E0603": newer,
    "E0611": arrays("half.npz", x_test=None, y_test=None),
    "E0612": arrays("flat.npz", x_train=np.zeros((20, 64), np.uint8)),
    "E0613": arrays("wide.npz", x_train=np.zeros((20, 8, 8), np.int64)),
    "E0614": arrays("single.npz", y_train=np.zeros(20, int)),
    "E0615": file("tuned.nas", TUNED),
    "E0616": file("sizes.nas", SIZES),
    "E0702": without("system_dot"),
    **dict.fromkeys(("E0906", "E0911"), lambda _: None),
    "E0914": evolved,
    "E0930": file("notes.json", b"[]"),
    "E0931": file("one-thread.json", ONE_THREAD),
    "E0934": lambda _: None,
    "E0703": without("system_dot", "shipped_dot"),
}


@pytest.mark.parametrize("code", sorted(SETTINGS))
def test_the_wrong_command_says_what_its_page_shows(
    code: str, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, *said = PAGES[code].wrong.splitlines()
    SETTINGS[code](monkeypatch)
    result = call(*shlex.split(command.removeprefix("$ nasdsl ")))
    assert result.exit_code == 1
    assert result.stderr.replace(f"{tmp_path}/", "").startswith("\n".join(said))


def test_a_page_is_either_a_file_or_tried_here_or_elsewhere() -> None:
    assert set(PAGES) == {*FILES, *SETTINGS, *ELSEWHERE}
    assert not set(ELSEWHERE) & {*FILES, *SETTINGS}


def test_several_codes_in_any_case(call: Callable[..., Any]) -> None:
    result = call("explain", "e0304", "W0401")
    assert result.exit_code == 0
    assert result.stdout.startswith("E0304: a node picks more different values than it can see\n\n`pick 3 of S`")
    assert "\n\nW0401: shapes that are not proved\n" in result.stdout
    assert "\n  use vision (sep_conv)\n" in result.stdout
    assert "\033" not in result.stdout


def test_colours_change_no_word() -> None:
    for page in PAGES.values():
        assert re.sub(r"\033\[\d*m", "", explain.as_text(page, color=True)) == explain.as_text(page)


def test_all_codes_with_their_titles(call: Callable[..., Any]) -> None:
    lines = call("explain").stdout.splitlines()
    assert [line.split("  ", 1) for line in lines] == [[page.code, page.title] for page in PAGES.values()]


def test_as_json(call: Callable[..., Any]) -> None:
    (page,) = json.loads(call("explain", "e0304", "--json").stdout)
    assert list(page) == ["code", "title", "prose", "wrong", "right", "met"]
    assert (page["code"], page["met"]) == ("E0304", "")
    assert len(json.loads(call("explain", "--json").stdout)) == len(PAGES)


def test_codes_that_are_none_are_all_said(call: Callable[..., Any]) -> None:
    result = call("explain", "E0340", "E0304", "nonsense")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[E0002]: there is no code `E0340`\n  = help: did you mean `E0304`?" in result.stderr
    assert "there is no code `nonsense`\n  = help: `nasdsl explain` lists every code" in result.stderr


def test_a_report_ends_with_one_hint(call: Callable[..., Any]) -> None:
    result = call("check", "nosuch", "also", str(TESTS / "errors" / "pick_too_many.nas"))
    assert result.stderr.endswith("\n\n3 errors\nnasdsl explain E0001 E0304 says more\n")
    assert "says more" not in call("check", "nosuch", "--format", "json").stdout
