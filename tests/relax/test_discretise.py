"""Weights that turn back into genotypes: by their rules, always into the space, and into the nearest valid one."""

from __future__ import annotations

import math
from itertools import pairwise, permutations
from pathlib import Path
from random import Random
from time import perf_counter

import pytest

import nasdsl
from nasdsl.compiler.discretise import Ranking, genotype, score
from nasdsl.compiler.mixtures import Rows
from nasdsl.compiler.onehot import one_hot
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.tables import Row
from nasdsl.diagnostics import InternalError, NasdslError
from nasdsl.space.model import Genotype, SearchSpace
from tests.relax.rows import drawn, filled, rows_of
from tests.relax.spaces import CELLS, small

DRAFTS = Path(__file__).parents[1] / "spaces"
FILES = [*nasdsl.shipped().values(), *sorted(DRAFTS.glob("*.nas"))]


def loaded(path: Path, monkeypatch: pytest.MonkeyPatch) -> SearchSpace:
    monkeypatch.syspath_prepend(DRAFTS)
    return nasdsl.load(path, ops=["operations"] if path.parent == DRAFTS else ())


def texts(found: Genotype) -> list[str]:
    return [line.strip() for line in found.text().splitlines()[1:-1]]


def peaks(space: SearchSpace, chosen: dict[str, str]) -> dict[str, list[list[float]]]:
    """0.7 at a column of some rows, the rest shared; all rows not named weigh alike."""
    rows = rows_of(space)
    named = {row.name: row for row in rows}
    of = {}
    for name, column in chosen.items():
        columns = named[name].columns
        of[name] = [0.7 if c == column else 0.3 / (len(columns) - 1) for c in columns]
    return filled(rows, of, 0.25)


# ---- laws --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_hot_weights_turn_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = loaded(path, monkeypatch)
    rows, rng = rows_of(space), Random(7)
    for _ in range(8):
        chosen = space[rng.randrange(space.size)]
        weights = one_hot(space, rows, chosen)
        assert all(sorted(own)[-2:] in ([0.0, 1.0], [1.0]) for table in weights.values() for own in table)
        assert genotype(space, rows, weights, valid=False) == chosen
        assert score(space, rows, weights, chosen) == 0.0
        if space.valid(chosen):
            assert genotype(space, rows, weights) == chosen


@pytest.mark.parametrize("name", CELLS)
def test_every_one_hot_turns_back(name: str) -> None:
    space = small(name)
    rows = rows_of(space)
    met = set()
    for chosen in space[:400]:
        weights = one_hot(space, rows, chosen)
        assert genotype(space, rows, weights, valid=False) == chosen
        met.add(str(weights))
    assert len(met) == min(space.size, 400)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_any_weights_give_a_member(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = loaded(path, monkeypatch)
    rows = rows_of(space)
    for seed in range(2):
        weights = drawn(rows, Random(seed), sigmoid=bool(seed))
        best = genotype(space, rows, weights, valid=False)
        assert best in space
        assert score(space, rows, weights, best) == 0.0
        assert score(space, rows, weights, space[space.size // 3]) <= 0.0


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("seed", range(3))
def test_the_ranking_holds_every_genotype_once_in_order(name: str, seed: int) -> None:
    space = small(name)
    rows = rows_of(space)
    weights = drawn(rows, Random(seed), sigmoid=seed == 1)
    found = list(Ranking(Rows(rows, weights)).group(space.decisions))
    assert len(found) == len({values for _, values in found}) == space.size
    costs = [cost for cost, _ in found]
    assert costs[0] == 0.0
    assert all(a <= b + 1e-9 for a, b in pairwise(costs))
    for cost, values in found:
        assert -score(space, rows, weights, space.genotype(values)) == pytest.approx(cost, abs=1e-9)


OPEN = [
    "darts",
    "darts_rnn",
    "enas_macro",
    "fairdarts",
    "goldnas",
    "hierarchical",
    "nasfpn",
    "swish",
    "textnas",
    "tfnas",
]
SMALL = [name for name in CELLS if name not in ("repeats", "in_order", "gates", "required")]


@pytest.mark.parametrize("name", OPEN + SMALL)
def test_the_rows_of_the_compiler_turn_back(name: str) -> None:
    space = nasdsl.load(name) if name in OPEN else small(name)
    rows, rng = opened(space).rows, Random(3)
    for _ in range(8):
        chosen = space[rng.randrange(space.size)]
        assert genotype(space, rows, one_hot(space, rows, chosen), valid=False) == chosen
        weights = drawn(rows, rng)
        assert score(space, rows, weights, genotype(space, rows, weights, valid=False)) == 0.0


# ---- rules -------------------------------------------------------------------------------------


def darts_rule(space: SearchSpace, weights: dict[str, list[list[float]]], betas: list[float] | None = None) -> str:
    """The genotype by the rule of section 2.4 of DARTS, from weights of 14 edges a cell."""
    ops = [w.pattern for w in space.decisions[0].below[0].decisions[0].below]  # type: ignore[attr-defined]
    lines = []
    for cell in ("normal", "reduce"):
        edge = 0
        for node in range(4):
            names = ["prev2", "prev1", *(f"n[{i}]" for i in range(node))]
            own = weights[f"{cell}.{len(ops) + 1}"][edge : edge + len(names)]
            scale = (betas or [1.0] * 14)[edge : edge + len(names)]
            strength = [max(w[1:]) * beta for w, beta in zip(own, scale, strict=True)]
            kept = sorted(sorted(range(len(names)), key=lambda i: -strength[i])[:2])
            read = [ops[max(range(len(ops)), key=own[i][1:].__getitem__)] for i in kept]
            inputs = ", ".join(names[i] for i in kept)
            lines.append(f"{cell}.n[{node}] {{ from {inputs}; op {', '.join(read)} }}")
            edge += len(names)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [0, 8])
def test_darts(seed: int, steps: int) -> None:
    """With few different weights the ties are of the first edge and the first operation."""
    space = nasdsl.load("darts")
    rows, rng = rows_of(space), Random(seed)
    assert {name: (len(rows_), len(rows_[0])) for name, rows_ in drawn(rows, rng).items()} == {
        "normal.8": (14, 8), "reduce.8": (14, 8),
    }  # fmt: skip
    weights = drawn(rows, rng)
    if steps:
        weights = {n: [[round(w * steps) / steps for w in own] for own in table] for n, table in weights.items()}
    assert "\n".join(texts(genotype(space, rows, weights))) == darts_rule(space, weights)
    betas = [rng.random() for _ in range(14)]
    edges = {"normal.8": betas, "reduce.8": betas}
    found = genotype(space, rows, weights, edges=edges)
    assert "\n".join(texts(found)) == darts_rule(space, weights, betas)
    assert score(space, rows, weights, found, edges=edges) == 0.0


def test_darts_takes_a_moment() -> None:
    space = nasdsl.load("darts")
    rows = rows_of(space)
    weights = drawn(rows, Random(0))
    taken = []
    for _ in range(5):
        start = perf_counter()
        genotype(space, rows, weights)
        taken.append(perf_counter() - start)
    assert min(taken) < 0.02


def test_none_does_not_count_unless_all_others_weigh_nothing() -> None:
    space = small("set")
    of = {
        "c.n[0].from.a": [0.0, 0.9, 0.06, 0.04], "c.n[0].from.b": [0.0, 0.0, 0.0, 1.0],
        "c.n[1].from.a": [0.0, 0.98, 0.01, 0.01], "c.n[1].from.b": [0.5, 0.1, 0.2, 0.2],
        "c.n[1].from.n[0]": [0.9, 0.0, 0.05, 0.05],
    }  # fmt: skip
    rows = rows_of(space)
    of |= {"c.n[0].op[0].k.a": [0.2, 0.8]}
    found = genotype(space, rows, filled(rows, of, 0.5))
    assert texts(found) == [
        "c.n[0] { from a, b; op sep_conv(5), identity }",
        "c.n[1] { from b, n[0]; op sep_conv(3), sep_conv(3) }",
    ]
    of["c.n[0].from.a"] = [0.0, 1.0, 0.0, 0.0]
    assert texts(genotype(space, rows, filled(rows, of, 0.5)))[0] == "c.n[0] { from a, b; op none, identity }"


def test_what_an_operation_decides_stands_with_its_member() -> None:
    space = small("blocks")
    weights = peaks(space, {
        "c.n[0].from.b": "repeated", "c.n[0].from.d": "k", "c.n[0].from.a": "absent",
        "c.n[0].op[0].repeated.b": "2", "c.n[0].op[0].repeated[1].k.b": "5", "c.n[0].op[0].k.d": "identity",
        "c.n[0].op[0].k.b": "sep_conv(3 | 5)", "c.n[0].op[0].repeated.d": "1",
    })  # fmt: skip
    found = genotype(space, rows_of(space), weights)
    assert found.assignment["c.n[0].from"] == (1, 2)
    assert found.assignment["c.n[0].op[0]"] == 1
    assert found.assignment["c.n[0].op[0].repeated"] == 2
    assert found.assignment["c.n[0].op[0].repeated[0].k"] == 0
    assert found.assignment["c.n[0].op[0].repeated[1].k"] == 1
    assert found.assignment["c.n[0].op[1].k"] == 1


def test_the_choice_of_a_block_may_be_the_columns_of_an_edge() -> None:
    """`op k` where `k` is a choice: a row of its own below the edge, or the columns of the edge."""
    space = small("block")
    apart = rows_of(space)
    columns = ("absent", "sep_conv(3 | 5)", "identity")
    merged = [Row("edge", r.path, r.place, columns, "c.3", r.index) if r.kind == "edge" else r for r in apart]
    merged = [row for row in merged if row.path != "c.n[0].op[0]"]
    assert len(merged) == len(apart) - 3
    for rows in apart, merged:
        assert all(genotype(space, rows, one_hot(space, rows, g), valid=False) == g for g in space)


def test_a_set_of_open_size_keeps_what_weighs_more_than_absent() -> None:
    space = nasdsl.load("fairdarts", net="cifar10")
    rows = rows_of(space)

    def kept(*absent: float) -> list[str]:
        of = {
            f"normal.n[1].from.{m}": [a, *[0.0] * 6, 1.0 - a]
            for m, a in zip(("prev2", "prev1", "n[0]"), absent, strict=True)
        }
        found = genotype(space, rows, filled(rows, of, 0.1))
        return [found.space.decisions[1].members[p] for p in found.assignment["normal.n[1].from"]]  # type: ignore[attr-defined]

    assert kept(0.4, 0.6, 0.7) == ["prev2"]
    assert kept(0.4, 0.6, 0.3) == ["prev2", "n[0]"]
    assert kept(0.4, 0.2, 0.3) == ["prev1", "n[0]"]
    assert kept(0.9, 0.6, 0.7) == ["prev1"]
    assert kept(0.5, 0.5, 0.5) == ["prev2"]


def test_gates() -> None:
    space = small("absorbed")
    rows = rows_of(space)
    assert [row.kind for row in rows] == ["edge"] * 3 + ["gate"] * 3

    def absorbed(*present: float) -> tuple[int, ...]:
        of = {f"c.n[0].absorb.{m}": [1 - p, p] for m, p in zip("abd", present, strict=True)}
        found: tuple[int, ...] = genotype(space, rows, filled(rows, of, 0.5)).assignment["c.n[0].absorb"]
        return found

    assert absorbed(0.2, 0.6, 0.3) == (1,)
    assert absorbed(0.8, 0.6, 0.9) == (0, 2)
    assert absorbed(0.2, 0.1, 0.4) == (2,)
    assert absorbed(0.5, 0.5, 0.5) == (0,)


def test_an_order_is_the_best_assignment() -> None:
    space = nasdsl.load("nasfpn")
    rows = rows_of(space)
    for seed in range(5):
        weights = drawn(rows, Random(seed))
        table = next(row.table for row in rows if row.kind == "order")
        first = next(row.index for row in rows if row.kind == "order")
        own = weights[table][first : first + 5]
        best = max(permutations(range(5)), key=lambda p: sum(math.log(own[i][x]) for i, x in enumerate(p)))
        assert genotype(space, rows, weights).assignment["fpn.o.level"] == best


def test_slots() -> None:
    """In order: distinct, by the product; with repeats: each its own; a set whose slots differ: ascending."""
    rows = rows_of(small("slots"))
    of = {"c.n[0].from.0": [0.1, 0.2, 0.7], "c.n[0].from.1": [0.1, 0.5, 0.4]}
    found = genotype(small("slots"), rows, filled(rows, of, 0.5))
    assert found.assignment["c.n[0].from"] == (1, 2)

    space = nasdsl.load("nasfpn")
    rows = rows_of(space)
    of = {"fpn.mid[0].from.0": [0.5, 0.45, 0.05, 0, 0], "fpn.mid[0].from.1": [0.9, 0.05, 0.05, 0, 0]}
    assert genotype(space, rows, filled(rows, of, 0.1)).assignment["fpn.mid[0].from"] == (1, 0)

    space = nasdsl.load("nasnet")
    rows = rows_of(space)
    of = {"normal.b[0].from.0": [0.1, 0.9], "normal.b[0].from.1": [0.3, 0.7]}
    assert genotype(space, rows, filled(rows, of, 0.1)).assignment["normal.b[0].from"] == (1, 1)


def test_the_number_of_slots_is_open() -> None:
    space = small("repeats")
    rows = rows_of(space)
    of = {"c.n[0].from.0": [0.1, 0.9], "c.n[0].from.1": [0.6, 0.3, 0.1]}
    assert genotype(space, rows, filled(rows, of, 0.5)).assignment["c.n[0].from"] == (1,)
    of["c.n[0].from.1"] = [0.4, 0.35, 0.25]
    assert genotype(space, rows, filled(rows, of, 0.5)).assignment["c.n[0].from"] == (1, 0)


def test_depth() -> None:
    space = nasdsl.load("ofa")
    rows = rows_of(space)
    weights = filled(rows, {"imagenet.s1": [0.2, 0.5, 0.3], "imagenet.s2": [0.2, 0.3, 0.5]}, 0.3)
    found = genotype(space, rows, weights).assignment
    assert [found[f"imagenet.s{i}"] for i in range(1, 6)] == [3, 4, 2, 2, 2]


def test_the_score_is_a_sum_of_logarithms() -> None:
    space = small("open_array")
    rows = rows_of(space)
    weights = drawn(rows, Random(5))
    at = {row.name: weights[row.table][row.index] for row in rows}
    best = genotype(space, rows, weights, valid=False)

    def summed(chosen: Genotype) -> float:
        told = chosen.assignment
        total = math.log(at["c.n"][told["c.n"] - 1] / max(at["c.n"]))
        for node in range(told["c.n"]):
            names = ["a", "b", "n[0]"][: 2 + node]
            strength = [math.log(max(at[f"c.n[{node}].from.{m}"][1:])) for m in names]
            total -= sum(sorted(strength)[-2:])
            for slot, p in enumerate(told[f"c.n[{node}].from"]):
                total += math.log(at[f"c.n[{node}].from.{names[p]}"][1 + told[f"c.n[{node}].op[{slot}]"]])
        return total

    for chosen in space:
        assert score(space, rows, weights, chosen) == pytest.approx(summed(chosen), abs=1e-9)
    assert score(space, rows, weights, best) == 0.0


# ---- narrowed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("wide", [True, False])
def test_a_narrowed_space_takes_what_is_left(wide: bool) -> None:
    """Whether the rows have the columns of the wide space or those that are left."""
    space = nasdsl.load("darts").restrict("normal.n[*].op", "identity | dil_conv(3)")
    space = space.restrict("reduce.n[1].from", "prev2, n[0] | prev1, n[0]")
    rows = rows_of(space)
    if not wide:
        kept = ("absent", "identity", "dil_conv(3)")
        index = iter(range(14))
        rows = tuple(
            Row(r.kind, r.path, r.place, kept, "normal.3", next(index)) if r.path.startswith("normal") else r
            for r in rows
        )
    for seed in range(5):
        weights = drawn(rows, Random(seed))
        found = genotype(space, rows, weights)
        assert found in space
        assert score(space, rows, weights, found) == 0.0
        assert found.assignment["reduce.n[1].from"] in ((0, 2), (1, 2))
        assert {found.assignment[f"normal.n[{i}].op[{j}]"] for i in range(4) for j in range(2)} <= {2, 5}
        other = space.sample(Random(seed))
        assert genotype(space, rows, one_hot(space, rows, other)) == other


# ---- own mistakes ---------------------------------------------------------------------------------


def test_a_genotype_of_another_space() -> None:
    space = small("gates")
    with pytest.raises(NasdslError, match="E0503"):
        one_hot(space, rows_of(space), nasdsl.load("darts")[0])


@pytest.mark.parametrize("left_out", ["c.n", "c.n[0].from.b", "c.n[1].from.n[0]"])
def test_an_open_decision_without_a_row(left_out: str) -> None:
    space = small("open_array")
    rows = [row for row in rows_of(space) if row.name != left_out]
    with pytest.raises(InternalError, match=r"c\.n"):
        list(Ranking(Rows(rows, drawn(rows_of(space), Random(0)))).group(space.decisions))
