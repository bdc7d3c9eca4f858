"""check, info, sample and spaces, on shipped files and on wrong ones."""

from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import nasdsl
from nasdsl.compiler import load
from nasdsl.compiler.extremes import End, Range
from nasdsl.terminal import info, ranges
from nasdsl.terminal.counter import Counter

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Spawn

PACKAGE = Path(nasdsl.__file__).parent
NASNET_CELL = 2_286_906_949_584_691_200
SIZES = {
    "nasnet": NASNET_CELL**2,
    "hierarchical": 7**46,
    "darts": 1_076_746_950_455_072_400,
    "nasfpn": 386_266_890_240_000_000,
}


@pytest.mark.parametrize("name", SIZES)
def test_check_is_silent_where_all_is_well(call: Call, name: str) -> None:
    result = call("check", name)
    assert (result.exit_code, result.output) == (0, "")


def test_check_names_the_mistake_and_its_place(call: Call, tmp_path: Path) -> None:
    text = load.shipped()["darts"].read_text(encoding="utf-8")
    (tmp_path / "wrong.nas").write_text(text.replace("pick 2 of earlier", "pick 3 of earlier"), encoding="utf-8")
    result = call("check", "wrong.nas")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "wrong.nas:" in result.stderr
    assert "^^^" in result.stderr
    assert "\x1b" not in result.stderr


def test_check_as_json(call: Call, tmp_path: Path) -> None:
    (tmp_path / "wrong.nas").write_text("net n { input image(3, 32, 32) stem convv(3) }\n", encoding="utf-8")
    result = call("check", "wrong.nas", "darts", "--format", "json")
    assert result.exit_code == 1
    assert result.stderr == ""
    [found] = json.loads(result.stdout)["diagnostics"]
    assert found["place"]["file"] == "wrong.nas"
    assert json.loads(call("check", "darts", "--format", "json").stdout)["diagnostics"] == []


@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe garbage \x80", os.urandom(300), b"cell f(x) {"], ids=range(4))
def test_no_file_is_too_broken_for_a_message(call: Call, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.nas").write_bytes(data)
    for command in ("check", "info", "sample", "evolve"):
        result = call(command, "broken.nas")
        assert result.exit_code == 1, result.output
        assert "error[E" in result.stderr
        assert "bug" not in result.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", ["missing.nas", "nasnett", ".", "no/such/file.nas"])
def test_a_file_that_is_not_there(call: Call, name: str) -> None:
    result = call("info", name)
    assert result.exit_code == 1
    assert "bug" not in result.stderr


@pytest.mark.parametrize(("name", "size"), SIZES.items(), ids=SIZES)
def test_info_has_the_exact_size(call: Call, name: str, size: int) -> None:
    text = call("info", name).stdout
    assert f"{size:,}" in text
    found = json.loads(call("info", name, "--json").stdout)
    assert found["size"] == size
    assert len(found["cost"]) == 3
    assert all(cost["params"] > 0 and cost["macs"] > 0 for cost in found["cost"])


def test_info_has_the_published_size_of_a_nasnet_cell(call: Call) -> None:
    found = json.loads(call("info", "nasnet", "--json").stdout)
    assert [part["size"] for part in found["parts"]] == [1, NASNET_CELL, NASNET_CELL]
    assert f"{NASNET_CELL:,}" in call("info", "nasnet").stdout


def test_info_groups_the_decisions_of_an_array(call: Call) -> None:
    found = json.loads(call("info", "hierarchical", "--json").stdout)
    rows = {row["path"]: row for row in found["decisions"]}
    assert sum(row["count"] for row in rows.values()) == 46
    assert {row["alternatives"] for row in rows.values()} == {7}
    assert sum(row["count"] for path, row in rows.items() if path.startswith("small[0..5].")) == 36
    assert {"kind": "motif", "name": "small[0..5]", "ports": ["x"], "size": 7**36} in found["parts"]


@pytest.mark.parametrize("name", SIZES)
def test_the_rows_of_info_multiply_to_the_size_or_less(name: str) -> None:
    """Each decision is in one row, and no decision is left out: without children the product is the size."""
    space = load.load(name)
    product = 1
    for row in info.rows(space.decisions):
        product *= row.alternatives**row.count
    assert product == space.size


def test_info_depends_on_the_seed_and_only_on_it(call: Call) -> None:
    first, again, other = (call("info", "nasnet", "--json", "--seed", seed).stdout for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_info_measures_with_dead_operations_too(call: Call) -> None:
    live, everything = (
        json.loads(call("info", "hierarchical", "--json", *more).stdout) for more in ([], ["--with-dead"])
    )
    assert [cost["code"] for cost in live["cost"]] == [cost["code"] for cost in everything["cost"]]
    pairs = list(zip(live["cost"], everything["cost"], strict=True))
    assert all(a["params"] < b["params"] and a["macs"] < b["macs"] for a, b in pairs)
    assert all(a["depth"] == b["depth"] and a["edges"] == b["edges"] for a, b in pairs)
    assert "with dead operations" in call("info", "hierarchical", "--with-dead").stdout
    shown = call("info", "hierarchical").stdout
    assert all(name in shown for name in ("parameters", "multiply-adds", "depth", "edges", "peak memory"))
    assert "range" not in shown


def test_info_has_the_range_with_its_proof(call: Call) -> None:
    found = json.loads(call("info", "hierarchical", "--json", "--range").stdout)["range"]
    space = load.load("hierarchical")
    for cost in ("params", "macs"):
        for end in found[cost].values():
            assert end["kind"] == "exact"
            assert getattr(space.from_rank_text(end["genotype"]).metrics(), cost) == end["value"] == end["reached"]
    least, most = (f"{found['params'][end]['value']:,}" for end in ("least", "most"))
    assert f"parameters     {least} .. {most} (exact)" in call("info", "hierarchical", "--range").stdout


def test_a_file_without_a_net_has_no_range(call: Call, tmp_path: Path) -> None:
    (tmp_path / "cell.nas").write_text("use vision (conv)\ncell f(x) { node a { from x; op conv(1 | 3) }; out a }\n")
    result = call("info", "cell.nas", "--range")
    assert result.exit_code == 0
    assert "range" not in result.stdout
    assert json.loads(call("info", "cell.nas", "--range", "--json").stdout)["range"] == {}


def test_how_sure_a_range_is() -> None:
    genotype = load.load("hierarchical")[0]
    exact, bound, found = (
        End(1000, "exact", genotype, 1000), End(1000, "bound", genotype, 1200), End(900, "found", genotype, 900)
    )  # fmt: skip
    assert ranges.shown(Range(exact, exact)) == "1,000 .. 1,000 (exact)"
    assert ranges.shown(Range(bound, exact)) == "1,000 .. 1,000 (least a bound, most exact; nearest found 1,200)"
    assert ranges.shown(Range(bound, bound)) == "1,000 .. 1,000 (bounds; nearest found 1,200 and 1,200)"
    assert ranges.shown(Range(found, found)) == "900 .. 900 (the outmost found, not proved)"


def test_info_counts_different_networks(call: Call) -> None:
    narrow = ("--fix", "reduce=darts_v2", "--fix", "normal.n[0..2].from=prev2, prev1")
    narrow = (*narrow, "--fix", "normal.n[0..1].op=identity", "--restrict", "normal.op = sep_conv(3) | identity")
    found = {}
    for how in ("exact", "isomorphic"):
        told = json.loads(call("info", "darts", *narrow, "--json", "--unique", how).stdout)
        found[how] = told["unique"]
        assert told["unique"]["genotypes"] == told["size"] == 160
        assert f"{found[how]['classes']}" in call("info", "darts", *narrow, "--unique", how).stdout
    # A concat delivers its values in an order; a labelled graph has none.
    assert (found["exact"]["classes"], found["isomorphic"]["classes"]) == (96, 90)
    assert call("info", "darts", "--unique", "isomorphic").exit_code == 1


def test_a_long_answer_says_how_far_it_is() -> None:
    now, stream = iter([0.0, 0.5, 1.0, 2.5, 3.0, 8.0]), io.StringIO()
    with Counter("networks costed", stream, lambda: next(now)) as counter:
        for done in (5, 10, 25):
            counter(done)
        counter(30, 4000)
        counter(1600, 4000)
    assert stream.getvalue() == "25 networks costed, 10/s\n1,600 of 4,000 networks costed, 200/s, 12s left\n"


def test_info_takes_parameters_and_a_net(call: Call) -> None:
    small, large = (
        json.loads(call("info", "nasnet", "--json", "-p", f"N={n}", "--samples", "2").stdout) for n in (1, 2)
    )
    assert small["params"]["N"] == 1
    assert small["cost"][0]["params"] < large["cost"][0]["params"]
    assert json.loads(call("info", "hierarchical", "--net", "search", "--json").stdout)["net"] == "search"
    assert call("info", "nasnet", "-p", "M=1").exit_code == 1
    assert call("info", "nasnet", "--net", "nothing").exit_code == 1


def test_sampled_text_can_be_pasted_into_the_file(call: Call, tmp_path: Path) -> None:
    drawn = call("sample", "nasnet", "-n", "3", "--seed", "1").stdout
    text = load.shipped()["nasnet"].read_text(encoding="utf-8")
    (tmp_path / "with.nas").write_text(f"{text}\n{drawn}", encoding="utf-8")
    result = call("check", "with.nas")
    assert (result.exit_code, result.output) == (0, "")
    assert drawn.count("genotype g") == 3


def test_samples_as_json_are_the_same_genotypes(call: Call) -> None:
    lines = [json.loads(line) for line in call("sample", "darts", "-n", "3", "--json").stdout.splitlines()]
    space, rng = load.load("darts"), random.Random(0)
    assert [line["code"] for line in lines] == [space.sample(rng).code for _ in range(3)]
    assert [line["name"] for line in lines] == ["g0", "g1", "g2"]
    assert "\n\n".join(line["text"] for line in lines) + "\n" == call("sample", "darts", "-n", "3").stdout


def test_spaces_lists_what_is_shipped_with_its_size(call: Call) -> None:
    found = {each["name"]: each for each in json.loads(call("spaces", "--json").stdout)}
    assert {name: found[name]["size"] for name in SIZES} == SIZES
    assert all(each["summary"] for each in found.values())
    lines = call("spaces").stdout.splitlines()
    assert len(lines) == len(found) + 1
    assert all(len(line) <= 120 for line in lines)


def test_a_bare_name_works_anywhere(spawn: Spawn) -> None:
    assert spawn("info", "nasnet").returncode == 0


def test_the_example_of_the_readme_is_right(call: Call, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (tmp_path / "example.nas").write_text(readme.split("```nas\n")[1].split("```")[0], encoding="utf-8")
    assert call("check", "example.nas").output == ""
    assert json.loads(call("info", "example.nas", "--json").stdout)["size"] == 1_037_664_180
