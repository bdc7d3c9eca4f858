"""Constraints and narrowed spaces as a user of the command line meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Call = Callable[..., Result]

SPACE = """
use vision (sep_conv, max_pool, identity, conv_bn, classifier)

motif f(x) {
  node n[3] { from all of earlier; op one of [sep_conv(3), max_pool(3), identity]; merge add }
  out last(n)
  require count(identity) <= 1
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 8)
  stage (width = 8) { f }
  head  classifier(10)
}

require params <= 1100
"""


def write() -> str:
    Path("made.nas").write_text(SPACE, encoding="utf-8")
    return "made.nas"


def test_info_shows_constraints_and_what_is_left(call: Call) -> None:
    shown = call("info", write(), "--restrict", "f.n[2].op = identity | sep_conv(3)").stdout
    assert "narrowed  restrict f.n[2].op = identity | sep_conv(3)" in shown
    assert "count(identity) <= 1 of f" in shown
    assert "params <= 1100" in shown
    found = json.loads(call("info", "made.nas", "--json").stdout)
    assert found["size"] == 3**6
    assert 0 < found["valid"] < found["drawn"] == 100
    # The costs are no sum, so nothing is counted.
    assert found["meeting"] is None


def test_info_counts_what_meets_sums(call: Call) -> None:
    write()
    Path("sums.nas").write_text(SPACE.replace("require params <= 1100", ""), encoding="utf-8")
    assert json.loads(call("info", "sums.nas", "--json").stdout)["meeting"] == 2**6 + 6 * 2**5
    assert "met by 256 genotypes" in call("info", "sums.nas").stdout


def test_samples_are_valid_and_say_how_rare_that_is(call: Call) -> None:
    result = call("sample", write(), "-n", "5", "--seed", "3", "--fix", "f.n[0].op = identity")
    assert result.exit_code == 0
    assert result.stdout.count("genotype g") == 5
    assert result.stdout.count("identity") == 5
    assert " drawn were valid (" in result.stderr


def test_every_command_that_reads_a_space_narrows_it(call: Call) -> None:
    write()
    wrong = ("--restrict", "f.n.op = sepconv(3)")
    for command in (["check"], ["info"], ["sample"], ["render", "-o", "x.dot"], ["evolve"]):
        result = call(command[0], "made.nas", *command[1:], *wrong)
        assert result.exit_code == 1, command
        assert "error[E0823]: `sepconv(3)` cannot be decided at `f.n.op`" in result.stderr
        assert " --> --restrict:1:10" in result.stderr


def test_a_drawing_shows_what_is_left_and_the_constraints(call: Call) -> None:
    assert call("render", write(), "-o", "x.dot", "--restrict", "f.n.op = sep_conv(3) | identity").exit_code == 0
    dot = Path("x.dot").read_text(encoding="utf-8")
    assert "max_pool" not in dot
    assert "require count(identity)" in dot.replace("&lt;", "<")
    assert "require params" in dot


def test_a_run_has_a_narrowing_of_its_own(call: Call) -> None:
    Path("run").mkdir()
    result = call("render", "run", "--restrict", "a = b")
    assert result.exit_code == 2
    assert "belong to a space" in result.stderr
