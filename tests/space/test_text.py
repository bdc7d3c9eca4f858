"""Genotypes as text: what is written, and what is said of text that is none."""

from __future__ import annotations

import pytest

from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.source import SourceFile, Span
from nasdsl.space.decisions import Choice, Subset, Written
from nasdsl.space.model import Entry, Said, SearchSpace

DARTS_V2 = """\
genotype v2 of cifar10 {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[2] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[3] { from prev2, n[0]; op identity, dil_conv(3) }
  reduce.n[0] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.n[1] { from prev1, n[0]; op max_pool(3), identity }
  reduce.n[2] { from prev2, n[0]; op max_pool(3), identity }
  reduce.n[3] { from prev1, n[0]; op max_pool(3), identity }
}"""


def said(text: str) -> dict[str, dict[str, Said]]:
    found: dict[str, dict[str, Said]] = {}
    source = SourceFile("g.nas", text)
    for start, line in ((text.index(row.strip()), row.strip()) for row in text.split("\n")[1:-1]):
        span = Span(source, start, start + len(line))
        path, mark, rest = line.partition(" { " if "{" in line else " = ")
        clauses = [["", rest]] if mark == " = " else [c.split(" ", 1) for c in rest.removesuffix(" }").split("; ")]
        found[path] = {clause: Said(value, span) for clause, value in clauses}
    return found


def mistakes(space: SearchSpace, text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(NasdslError) as caught:
        space.read(said(text))
    return caught.value.diagnostics


def test_darts_v2_is_written_as_it_was_read(darts: SearchSpace) -> None:
    genotype = darts.read(said(DARTS_V2))
    assert genotype.text("v2") == DARTS_V2


def test_the_inputs_of_a_set_may_come_in_any_order(darts: SearchSpace) -> None:
    turned = DARTS_V2.replace(
        "from prev2, n[0]; op identity, dil_conv(3)", "from n[0], prev2; op dil_conv(3), identity"
    )
    assert darts.read(said(turned)) == darts.read(said(DARTS_V2))


def test_what_leaves_no_choice_may_be_left_out(darts: SearchSpace) -> None:
    assert darts.read(said(DARTS_V2.replace("from prev2, prev1; op sep_conv(3), sep", "op sep_conv(3), sep", 1)))


def test_merges_levels_and_permutations(nasfpn: SearchSpace) -> None:
    text = nasfpn[0].text()
    assert "  fpn.mid[0] { from p[3], p[4]; op identity, identity; level 3; merge add }\n" in text
    assert "  fpn.o.level = [3, 4, 5, 6, 7]\n" in text
    assert nasfpn.read(said(text)) == nasfpn[0]


def test_a_decision_inside_a_block_has_its_own_line(conditional: SearchSpace) -> None:
    genotype = conditional[conditional.size - 1]
    assert genotype.text() == (
        "genotype g of net {\n  net.s = conv(e = 6)\n  net.s.conv.act = swish\n  net.n { from x, y; op b, b }\n}"
    )
    assert conditional.read(said(genotype.text())) == genotype
    (left_open,) = mistakes(conditional, genotype.text().replace("  net.s.conv.act = swish\n", ""))
    assert left_open.code == "E0505"
    assert left_open.message == "`net.s.conv.act` is left open"
    assert left_open.notes == ("possible: relu | swish",)


def test_an_empty_set_is_a_pair_of_brackets(conditional: SearchSpace) -> None:
    assert conditional[0].text() == "genotype g of net {\n  net.s = skip\n  net.n { from [] }\n}"
    assert conditional.read(said(conditional[0].text())) == conditional[0]


def test_two_sets_of_open_size_stand_in_brackets() -> None:
    first = Subset("n.from[0]", ("a", "b"), 0, 2, "set")
    second = Subset("n.from[1]", ("a", "b"), 1, 2, "set")
    space = SearchSpace("two", "net", (Entry("n", "from", (Written((0,), (first,)), Written((0,), (second,)))),))
    assert space[0].text() == "genotype g of net {\n  n { from [], [a] }\n}"
    assert [space.read(said(space[i].text())).rank for i in range(space.size)] == list(range(space.size))


def test_operations_follow_the_values_read() -> None:
    """`from pick 1 of [a, b], x` with an operation each: in the text they stand in the order of the values."""

    def one(path: str) -> Written:
        return Written((0,), (Choice(path, (Written(("f",)), Written(("g",)))),))

    pick = Subset("n.from", ("a", "b"), 1, 1, "set", (one("n.op[1]"),))
    entries = (Entry("n", "from", (Written(("x",)), Written((0,), (pick,)))), Entry("n", "op", (one("n.op[0]"),)))
    space = SearchSpace("mixed", "net", entries)
    assert space.size == 8
    assert space.read({"n": {"from": Said("x, b"), "op": Said("f, g")}}).assignment == {
        "n.from": (1,), "n.op[1]": 1, "n.op[0]": 0,
    }  # fmt: skip
    assert [space.read(said(space[i].text())).rank for i in range(8)] == list(range(8))


def test_a_wrong_operation_names_what_is_possible(darts: SearchSpace) -> None:
    (wrong,) = mistakes(darts, DARTS_V2.replace("op identity, dil_conv(3)", "op identity, dil_conf(3)"))
    assert wrong.code == "E0506"
    assert wrong.message == "`op` of `normal.n[3]` cannot be `identity, dil_conf(3)`"
    assert wrong.helps == ("did you mean `dil_conv(3)`?",)
    assert wrong.notes[0].startswith("possible: 2 times max_pool(3) | avg_pool(3) | identity")
    assert wrong.span is not None
    assert wrong.span.text.startswith("normal.n[3] {")


def test_a_wrong_input_names_what_is_seen(darts: SearchSpace) -> None:
    (wrong,) = mistakes(darts, DARTS_V2.replace("from prev2, n[0]; op i", "from prev2, n[3]; op i"))
    assert wrong.notes == ("possible: pick 2 of [prev2, prev1, n[0], n[1], n[2]]",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sep_conv(3), sep_conv(3)", "sep_conv(3)", "`op` of `normal.n[0]` cannot be `sep_conv(3)`"),
        ("sep_conv(3), sep_conv(3)", "identity, identity, identity", "`op` of `normal.n[0]` cannot be `identity, ide"),
        ("; op sep_conv(3), sep_conv(3)", "", "`op` of `normal.n[0]` is left open"),
        ("sep_conv(3) }", "sep_conv(3); merge add }", "`normal.n[0]` has no `merge` to decide"),
        ("from prev2, prev1", "from prev2, prev2", "`from` of `normal.n[0]` cannot be `prev2, prev2`"),
        ("from prev2, prev1", "from ", "`from` of `normal.n[0]` cannot be ``"),
    ],
)
def test_mistakes(darts: SearchSpace, old: str, new: str, message: str) -> None:
    (wrong,) = mistakes(darts, DARTS_V2.replace(old, new, 1))
    assert wrong.message.startswith(message)


def test_every_mistake_is_reported(darts: SearchSpace) -> None:
    broken = DARTS_V2.replace("normal.n[0]", "norml.n[0]").replace("op identity, sep", "op nothing, sep")
    assert [d.message for d in mistakes(darts, broken)] == [
        "`op` of `normal.n[0]` is left open",
        "there is nothing to decide at `norml.n[0]`",
        "`op` of `normal.n[2]` cannot be `nothing, sep_conv(3)`",
    ]


def test_a_path_that_is_assigned_has_no_clauses(nasfpn: SearchSpace) -> None:
    text = nasfpn[0].text()
    (wrong,) = mistakes(nasfpn, text.replace("fpn.o.level = [3, 4, 5, 6, 7]", "fpn.o.level { level [3, 4, 5, 6, 7] }"))
    assert wrong.notes == ("it is written `fpn.o.level = ...`",)
