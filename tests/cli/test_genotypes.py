"""Genotypes by their codes and names behind a colon, and all of a space in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import nasdsl
from nasdsl.terminal import walking
from nasdsl.terminal.program import ExitCode

if TYPE_CHECKING:
    from tests.cli.conftest import Call

SMALL = """use vision (sep_conv, identity, none, conv_bn, classifier)

param C = 8

cell f(x) {
  node n[2] { from x; op sep_conv(3) | identity | none }
  out concat(n)
  align edges needed conv_bn(1)
  require count(identity) <= 1
}

net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = C)
  stage (width = C) { f; conv_bn(1) }
  head  classifier(4)
}

genotype twice of search { f.n[0] { op sep_conv(3) }; f.n[1] { op sep_conv(3) } }
genotype cafe of search { f.n[0] { op sep_conv(3) }; f.n[1] { op identity } }
"""
UNFIT = """use vision (max_pool, identity)

cell f(x) {
  node n { from x; op identity | max_pool(3, stride = 2) }
  out add([x, n])
}
"""
# Of nine genotypes one is two identities, and one is dead.
VALID = ["0", "1", "2", "3", "5", "6", "7"]


@pytest.fixture(autouse=True)
def _small(call: Call) -> None:
    Path("small.nas").write_text(SMALL.replace("}; f.n[1]", "}\n  f.n[1]"), encoding="utf-8")


def test_info_of_a_genotype(call: Call) -> None:
    found = json.loads(call("info", "darts:darts_v2", "--json").stdout)
    v2 = nasdsl.load("darts").point("darts_v2")
    network = nasdsl.network(v2)
    assert found == {
        "space": "darts", "net": "cifar10", "params": {}, "narrowed": [], "name": "darts_v2", "code": v2.code,
        "size": v2.space.size, "valid": True, "fault": None, "hypers": {}, "text": v2.text("darts_v2"),
        "cost": {"params": network.params, "macs": network.macs}, "outputs": [{"level": None, "shape": "10"}],
        "exact": nasdsl.exact(v2), "isomorphic": nasdsl.isomorphic(v2),
    }  # fmt: skip
    by_code = json.loads(call("info", f"darts:{v2.code}", "--json").stdout)
    assert by_code == found | {"name": None, "text": v2.text()}


def test_info_of_a_genotype_for_a_person(call: Call) -> None:
    v2 = nasdsl.load("darts").point("darts_v2")
    shown = call("info", "darts:darts_v2").stdout
    assert shown.endswith(f"\n\n{v2.text('darts_v2')}\n")
    facts = dict(line.split(maxsplit=1) for line in shown.split("\n\n")[0].splitlines() if line[0] != " ")
    assert facts == {
        "space": "darts", "net": "cifar10", "genotype": f"{v2.code}, darts_v2", "valid": "yes", "output": "10",
        "parameters": "3,349,342", "multiply-adds": "528,359,040", "exact": v2.canonical, "isomorphic": v2.isomorphic,
    }  # fmt: skip
    assert (
        "output         256x80x80 at level 3\n               256x40x40 at level 4\n" in call("info", "nasfpn:0").stdout
    )


def test_info_says_why_a_genotype_is_not_valid(call: Call) -> None:
    said = "valid          no: count(identity) <= 1 of f does not hold: count(identity) = 2\n"
    assert said in call("info", "small.nas:4").stdout
    assert json.loads(call("info", "small.nas:8", "--json").stdout)["fault"] == "nothing reaches `out`"
    Path("unfit.nas").write_text(UNFIT, encoding="utf-8")
    found = json.loads(call("info", "unfit.nas:1", "--json").stdout)
    assert (found["valid"], found["cost"], found["exact"], found["outputs"]) == (False, None, None, [])
    assert found["fault"] == "inputs of a merge have different resolutions"
    assert call("info", "unfit.nas:1").exit_code == 0


def test_print_of_a_genotype_can_be_pasted(call: Call) -> None:
    v2 = nasdsl.load("darts").point("darts_v2")
    assert call("print", "darts:darts_v2").stdout == v2.text("darts_v2") + "\n"
    printed = call("print", "small.nas:7").stdout
    assert printed.startswith("genotype g of search {\n")
    Path("with.nas").write_text(Path("small.nas").read_text(encoding="utf-8") + printed, encoding="utf-8")
    assert json.loads(call("info", "with.nas:g", "--json").stdout)["code"] == "7"


def test_render_of_a_genotype(call: Call) -> None:
    assert call("render", "small.nas:2", "-o", "a.dot").stdout == "a.dot\n"
    call("render", "small.nas", "--genotype", "2", "-o", "b.dot")
    assert Path("a.dot").read_bytes() == Path("b.dot").read_bytes()
    for other in (["--genotype", "3"], ["--best"]):
        result = call("render", "small.nas:2", *other)
        assert result.exit_code == ExitCode.USAGE
        assert "`2` behind the colon is a genotype already" in result.stderr


def test_a_name_goes_before_a_code(call: Call) -> None:
    assert json.loads(call("info", "small.nas:cafe", "--json").stdout)["code"] == "1"
    assert call("info", "small.nas:caf").stderr.startswith(
        "error[E0507]: `small` has no genotype `caf`\n  = note: codes go from 0 to 8\n"
    )


def test_a_path_with_a_colon_wins(call: Call) -> None:
    Path("a:5").write_text(Path("small.nas").read_text(encoding="utf-8"), encoding="utf-8")
    Path("a").write_text("nonsense", encoding="utf-8")
    assert json.loads(call("info", "a:5", "--json").stdout)["name"] == "a:5"
    assert json.loads(call("info", "a:5:5", "--json").stdout)["code"] == "5"
    assert "there is no file `no:such/a.nas`" in call("info", "no:such/a.nas").stderr


def test_codes_are_those_of_the_space_as_it_is_given(call: Call) -> None:
    narrow = ("--restrict", "f.n[0].op = identity", "-p", "C=16")
    found = json.loads(call("info", "small.nas:2", *narrow, "--json").stdout)
    assert (found["size"], found["code"], found["params"]) == (3, "2", {"C": 16})
    assert "f.n[0] { op identity }\n  f.n[1] { op none }" in call("print", "small.nas:2", *narrow).stdout
    assert "codes go from 0 to 2" in call("print", "small.nas:3", *narrow).stderr
    assert call("print", "small.nas", *narrow).exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("darts:", "error[E0507]: a code or a name is expected behind `darts:`\n  = note: codes go from 0 to "),
        ("darts:dart_v2", "error[E0510]: `darts` names no genotype `dart_v2`\n  = note: it names darts_v1, darts_v2\n"),
        ("enas_macro:0x1f", "error[E0510]: `enas_macro` names no genotype `0x1f`\n  = note: and codes go from 0 to "),
        ("darst:1f", "error[E0001]: there is no file and no shipped space `darst`\n  = help: did you mean `darts`?"),
        ("darst.nas:1f", "error[E0116]: there is no file `darst.nas`"),
        (":1f", "error[E0001]: there is no file and no shipped space `:1f`"),
    ],
)
def test_mistakes(call: Call, typed: str, said: str) -> None:
    for command in ("info", "print", "render"):
        result = call(command, typed)
        assert result.exit_code == 1
        assert result.stderr.startswith(said)


@pytest.mark.parametrize("command", ["check", "sample", "evolve"])
def test_a_space_is_wanted_elsewhere(call: Call, command: str) -> None:
    result = call(command, "small.nas:1")
    assert result.exit_code == 1
    assert "error[E0530]: `small.nas:1` is one genotype, and a space is wanted here" in result.stderr


def test_a_size_of_any_length_is_said_in_full(call: Call) -> None:
    text = "cell f(x) {\n  node n[170] { from some of earlier; merge add }\n  out last(n)\n}\n"
    Path("long.nas").write_text(text, encoding="utf-8")
    size = nasdsl.load("long.nas").size
    assert size > 10**4300
    found = [call("info", typed, "--json") for typed in ("long.nas", "long.nas:0")]
    assert [json.loads(each.stdout)["size"] for each in found] == [size, size]
    assert "note: and codes have at most 3," in call("info", "long.nas:last").stderr


def codes(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line.startswith("genotype ")]


def test_all_valid_genotypes_in_order(call: Call) -> None:
    result = call("sample", "small.nas", "--all")
    assert codes(result.stdout) == [f"g{code}" for code in VALID]
    assert result.stderr == "7 of 9 are valid (77.8%)\n"
    space = nasdsl.load("small.nas")
    assert result.stdout == "\n".join(space[int(code, 16)].text(f"g{code}") + "\n" for code in VALID)
    assert call("sample", "small.nas", "--all", "--restrict", "f.n.op = sep_conv(3) | none").stderr == (
        "3 of 4 are valid (75.0%)\n"
    )


def test_all_from_a_code_and_as_many_as_asked(call: Call) -> None:
    assert codes(call("sample", "small.nas", "--all", "--from", "3", "-n", "2").stdout) == ["g3", "g5"]
    assert codes(call("sample", "small.nas", "--all", "--from", "cafe", "-n", "1").stdout) == ["g1"]
    assert codes(call("sample", "small.nas", "--all", "--from", "8").stdout) == []
    assert call("sample", "small.nas", "--all", "--from", "9").stderr.startswith("error[E0507]")


def test_lines_of_json_are_genotypes(call: Call) -> None:
    space = nasdsl.load("small.nas")
    for options in (["--all"], ["-n", "5"]):
        lines = call("sample", "small.nas", "--json", *options).stdout.splitlines()
        read = [space.from_json(line) for line in lines]
        assert [g.code for g in read] == [json.loads(line)["code"] for line in lines]
        assert len(read) == (7 if options == ["--all"] else 5)


def test_options_that_do_not_go_together(call: Call) -> None:
    assert call("sample", "small.nas", "--all", "--weighted").exit_code == ExitCode.USAGE
    assert call("sample", "small.nas", "--from", "3").exit_code == ExitCode.USAGE


def test_a_long_walk_says_where_it_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "QUIET", 0.0)
    said = call("sample", "small.nas", "--all").stderr.splitlines()
    assert said[:2] == ["at 0 of 8: 1 of 1 are valid", "at 1 of 8: 2 of 2 are valid"]
    assert said[-2:] == ["at 8 of 8: 7 of 9 are valid", "7 of 9 are valid (77.8%)"]


def test_all_of_a_vast_space_is_printed_for_as_long_as_somebody_reads() -> None:
    command = [sys.executable, "-m", "nasdsl", "sample", "darts", "--all", "--json", "-p", "N=1"]
    env = {**os.environ, "PYTHONPATH": str(Path(nasdsl.__file__).parent.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert [json.loads(process.stdout.readline())["code"] for _ in range(3)] == ["0", "1", "2"]
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == ExitCode.BROKEN_PIPE
