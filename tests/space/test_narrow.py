"""A narrowed space is exactly the genotypes of the wide one that take its decisions as it allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nasdsl
from nasdsl.diagnostics import NasdslError
from nasdsl.source import SourceFile, Span
from nasdsl.space import group, narrow, vary
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Written
from nasdsl.space.model import Entry, SearchSpace
from nasdsl.space.narrowed import narrowed
from nasdsl.space.narrowing import Narrowing
from nasdsl.space.paths import every

laws = settings(max_examples=60, deadline=None)
SMALL = 400

TEXT = """
use vision (identity, none, sep_conv, conv_bn, relu_conv_bn, classifier)
use primitives (resample)

block layer { sep_conv(k = 3 | 5) | identity }

cell f(a, b) {
  align ports always relu_conv_bn(1)
  align edges needed resample
  node n[2] {
    from  pick 2 of earlier
    op    one of [identity, sep_conv(3 | 5), none]
    merge add | mean
  }
  node s { from some of [a, b]; merge add }
  node g { from a; op some of [identity, sep_conv(3)]; merge add }
  node o[2] { from a; level order of 0..1 }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage a (width = one of [16, 32, 48]) { repeat 1..3 { b: layer } }
  stage c (width = 16) { f }
  head  classifier(10)
}

genotype best of search {
  search.a = 2
  search.a[0].b = identity
  search.a[1].b = sep_conv(k = 3)
  search.a.width = 16
}
"""


def made(text: str = TEXT) -> SearchSpace:
    from nasdsl.compiler.load import expanded
    from nasdsl.syntax.parser import parse

    return expanded(parse(SourceFile("made", text))).space()


def ranks(space: SearchSpace, of: SearchSpace) -> set[Any]:
    assert len({g.values for g in map(space.__getitem__, range(space.size))}) == space.size
    found = {space[i].values for i in range(space.size)}
    assert all(group.contains(of.decisions, values) for values in found)
    return found


# ---- every kind, by the values it is narrowed to ------------------------------------------------


def leaf(path: str, count: int) -> Written:
    from nasdsl.space.decisions import Choice

    return Written((0,), (Choice(path, tuple(Written((f"a{i}",)) for i in range(count))),))


@st.composite
def kinds(draw: Any) -> Decision:
    n = draw(st.integers(2, 4))
    inner = [leaf(f"d.c[{i}]", draw(st.integers(1, 3))) for i in range(n)]
    kind = draw(st.sampled_from(["choice", "subset", "order", "gates", "depth"]))
    if kind == "choice":
        from nasdsl.space.decisions import Choice

        shown = tuple(Written((f"o{i}(", 0, ")"), w.decisions) for i, w in enumerate(inner))
        return Choice("d", shown)
    if kind == "subset":
        mode = draw(st.sampled_from(["set", "order", "repeats"]))
        return Subset("d", tuple("wxyz"[:n]), draw(st.integers(0, 2)), 2, mode, tuple(inner[:2]))
    if kind == "order":
        return Arrangement("d", tuple("wxyz"[: min(n, 3)]))
    if kind == "gates":
        return Gates("d", tuple(inner[:3]), draw(st.integers(0, 1)))
    bodies = tuple((Entry(d.path, "", (w,)),) for w in inner[:3] for d in w.decisions)
    counts = tuple(sorted(draw(st.sets(st.integers(0, len(bodies)), min_size=1))))
    return Depth("d", counts, bodies)


@laws
@given(kinds(), st.data())
def test_a_narrowed_decision_has_the_values_that_are_left_in_their_order(wide: Decision, data: st.DataObject) -> None:
    owns = [wide.alternative(i) for i in range(wide.choices)]
    kept = [own for own in owns if data.draw(st.booleans())]
    assume(kept)
    small = narrowed(wide, kept)
    expected = [v for v in map(wide.unrank, range(wide.size)) if wide.chosen(v) in kept]
    assert small.size == len(expected)
    assert [small.unrank(i) for i in range(small.size)] == expected
    assert [small.rank(v) for v in expected] == list(range(small.size))
    every_value = list(map(wide.unrank, range(wide.size)))
    assert [small.contains(v) for v in every_value] == [wide.chosen(v) in kept for v in every_value]
    assert [small.alternative(small.index(own)) for own in kept] == kept
    for value in expected[:20]:
        near = list(small.neighbours(value))
        assert all(small.contains(v) for v in near)
        assert small.near(value) == len(near)
        if isinstance(small, Subset):
            slots = range(len(value[0]) + 1)
            assert all(positions in kept for slot in slots for positions in small.rereads(value, slot))
        sites = sum(d.choices > 1 for d, _ in vary.active((small,), (value,)))
        assert vary.sites((small,), (value,)) == sites


@laws
@given(kinds(), st.data(), st.integers(0, 2**32).map(Random))
def test_a_narrowed_space_is_a_space(wide: Decision, data: st.DataObject, rng: Random) -> None:
    owns = [wide.alternative(i) for i in range(wide.choices)]
    kept = [own for own in owns if data.draw(st.booleans())]
    assume(kept)
    small = narrowed(wide, kept)
    entry = (
        Entry("d", "from", (Written((0,), (small,)),))
        if isinstance(small, Subset)
        else (Entry("d", "", (Written((0,), (small,)),)))
    )
    space = SearchSpace("made", "net", (entry,))
    genotype = space.sample(rng)
    assert genotype in space
    assert genotype.cross(space.sample(rng), rng) in space
    if space.size > 1:
        assert genotype.mutate(rng) in space


# ---- restrictions and fixes of a space ----------------------------------------------------------

RESTRICTIONS = {
    "f.n[*].op = sep_conv(3) | identity": lambda at: all(at[p] != 2 for p in at if ".op[" in p and p.startswith("f.n"))
    and all(at[p] == 0 for p in at if p.endswith(".k") and p.startswith("f.")),
    "f.n[1].op = none": lambda at: at["f.n[1].op[0]"] == at["f.n[1].op[1]"] == 2,
    "f.n[1].from = a | n[0]": lambda at: at["f.n[1].from"] == (0, 2),
    "f.n[1].from = [a, b] | [b, n[0]]": lambda at: at["f.n[1].from"] in ((0, 1), (1, 2)),
    "f.n.merge = add": lambda at: at["f.n[0].merge"] == at["f.n[1].merge"] == 0,
    "f.merge = add": lambda at: at["f.n[0].merge"] == at["f.n[1].merge"] == 0,
    "f.s.from = a": lambda at: at["f.s.from"] in ((), (0,)),
    "f.g.op = identity": lambda at: at["f.g.op[0]"] in ((), (0,)),
    "f.g.op = [identity, sep_conv(3)]": lambda at: at["f.g.op[0]"] == (0, 1),
    "f.o.level = [1, 0]": lambda at: at["f.o.level"] == (1, 0),
    "search.a = 1 | 3": lambda at: at["search.a"] in (1, 3),
    "search.a = 2..3": lambda at: at["search.a"] in (2, 3),
    "search.a.width = 16..32": lambda at: at["search.a.width"] in (0, 1),
    "search.a[0..1].b.k = 5": lambda at: all(at.get(f"search.a[{i}].b.k", 1) == 1 for i in (0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("text", RESTRICTIONS)
def test_a_restriction_leaves_exactly_what_it_allows(text: str) -> None:
    # The decisions that the restriction is about, each with all its ways, the rest at their first.
    wide, holds = made(), RESTRICTIONS[text]
    small = narrow.restricted(wide, SourceFile("restrict", text))
    rng = Random(4)
    for _ in range(300):
        genotype = wide[rng.randrange(wide.size)]
        assert (genotype in small) == holds(genotype.assignment), genotype.text()
    for _ in range(100):
        genotype = small[rng.randrange(small.size)]
        assert holds(genotype.assignment)
        assert genotype in wide
        assert small[genotype.rank] == genotype
        assert genotype.mutate(rng) in small
    share = small.size / wide.size
    drawn = sum(wide[rng.randrange(wide.size)] in small for _ in range(2_000)) / 2_000
    assert drawn == pytest.approx(share, abs=0.05)


def parts_of(space: SearchSpace) -> Iterator[tuple[str, SearchSpace]]:
    """The space with all but a few decisions fixed, so that it can be enumerated."""
    first = space[0]
    for text in RESTRICTIONS:
        named = {d.path for d in narrow.assignment(SourceFile("restrict", text))[0].decisions(space)}
        tops = [d for d in space.decisions if named & {i.path for i in every([Entry("", "", (Written((0,), (d,)),))])}]
        fixed = [
            narrowed(d, [d.chosen(v)]) if d not in tops else d
            for d, v in zip(space.decisions, first.values, strict=True)
        ]
        yield text, SearchSpace("part", "net", tuple(Entry(d.path, "", (Written((0,), (d,)),)) for d in fixed))


def test_small_spaces_are_narrowed_to_the_genotypes_that_satisfy_it_by_enumeration() -> None:
    enumerated = 0
    for text, wide in parts_of(made()):
        if wide.size > 3_000:
            continue
        enumerated += 1
        small = narrow.restricted(wide, SourceFile("restrict", text))
        expected = {g.values for g in map(wide.__getitem__, range(wide.size)) if RESTRICTIONS[text](g.assignment)}
        assert ranks(small, wide) == expected, text
    assert enumerated >= 6


def test_texts_read_back_and_name_only_what_is_left() -> None:
    small = made().restrict("f.n[*].op", "sep_conv(3) | identity").restrict("f.n[1].from", "[a, b] | [b, n[0]]")
    rng = Random(0)
    for _ in range(20):
        genotype = small.sample(rng)
        text = genotype.text("best")
        again = nasdsl.loads(TEXT.split("genotype best")[0] + text)
        assert again.point("best").values == genotype.values


def test_a_fix_takes_the_decisions_of_a_genotype() -> None:
    darts = nasdsl.load("darts")
    assert darts.fix("darts_v2").size == 1
    assert darts.fix("darts_v2")[0].values == darts.points["darts_v2"]
    half = darts.fix("normal", "darts_v2")
    assert half.size == 1037664180
    assert (
        half.fix("reduce", "darts_v1")[0].assignment["reduce.n[0].from"]
        == darts.point("darts_v1").assignment["reduce.n[0].from"]
    )
    assert half.point("darts_v2").values == darts.points["darts_v2"]
    with pytest.raises(NasdslError, match="E0510: the genotype `darts_v1` is left out"):
        half.point("darts_v1")
    assert darts.fix("normal.n[0].op[1]", "identity").size * 7 == darts.size


def test_narrowing_twice_is_narrowing_by_both() -> None:
    darts = nasdsl.load("darts")
    one = darts.restrict("normal.n.op", "sep_conv(3) | identity").restrict("normal.n.op", "identity | max_pool(3)")
    assert one.size == darts.restrict("normal.n.op", "identity").size
    assert one.narrowed == (
        "restrict normal.n.op = sep_conv(3) | identity",
        "restrict normal.n.op = identity | max_pool(3)",
    )


def test_a_fix_under_alternatives_drops_those_it_rules_out() -> None:
    text = TEXT.replace("sep_conv(k = 3 | 5) | identity", "sep_conv(k = 3 | 5) | conv_bn(1, width = 16)")
    small = made(text).restrict("search.a[0].b", "sep_conv(k = 5)")
    assert all(small[r].assignment["search.a[0].b"] == 0 for r in range(0, small.size, max(1, small.size // 50)))


def test_all_mistakes_of_a_command_line_are_told_at_once() -> None:
    narrowing = Narrowing(restrict=("f.n[*].op = sepconv(3)", "g.n.op = identity"), fix=("bst",))
    with pytest.raises(NasdslError) as caught:
        narrowing.of(nasdsl.loads(TEXT.split("genotype best")[0]))
    codes = [(d.code, d.span.source.name, d.span.text) for d in caught.value.diagnostics if isinstance(d.span, Span)]
    assert codes == [
        ("E0510", "--fix", "bst"), ("E0823", "--restrict", "sepconv(3)"), ("E0822", "--restrict", "g.n.op"),
    ]  # fmt: skip


def test_shapes_are_proved_of_what_is_left() -> None:
    text = (Path(__file__).parents[1] / "errors" / "shape_resolutions.nas").read_text(encoding="utf-8")
    wide = made(text)
    assert [d.code for d in nasdsl.check(wide)] == ["E0402"]
    options = [d for d in every(wide.entries) if any("stride = 2" in o for o in d.options)]
    assert options
    small = wide
    for d in options:
        small = small.restrict(d.path, " | ".join(o for o in d.options if "stride = 2" not in o))
    assert nasdsl.check(small) == ()


def test_a_set_that_cannot_fill_a_slot_is_not_proved_there() -> None:
    # A pick of a width that does not fit is left out.
    text = """
use vision (identity, conv_bn)
cell f(a, b) {
  align ports always conv_bn(1)
  node n { from pick 1..2 of earlier; op one of [identity, conv_bn(3, width = 7)]; merge add }
  out n
}
net search { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { f } }
"""
    wide = made(text)
    assert {d.code for d in nasdsl.check(wide)} == {"E0401"}
    assert nasdsl.check(wide.restrict("f.n.op", "identity")) == ()
    assert nasdsl.check(wide.restrict("f.n.from", "[a]").restrict("f.n.op[0]", "identity")) == ()


def test_narrowing_survives_a_record_of_a_run() -> None:
    from nasdsl.evolve.problem import SpaceText

    text = SpaceText(name="darts", text=nasdsl.load("darts").source, net="cifar10", params={}, fix=["normal=darts_v2"],
                     restrict=["reduce.op = identity | max_pool(3)"])  # fmt: skip
    again = SpaceText.model_validate_json(json.dumps(text.model_dump()))
    assert again.load().size == 180 * 2**8
