"""The renderer: layout, labels, clipping, colour, JSON."""

import json

from nasdsl import report
from nasdsl.diagnostics import Diagnostic, Label
from nasdsl.source import SourceFile, Span

TEXT = """# a space
use vision (conv)

cell normal(prev2, prev1) {
  align ports always conv(1)
  node n[4] {
    from  pick 3 of earlier
  }
}
"""
SOURCE = SourceFile("spaces/darts.nas", TEXT)


def at(part: str, source: SourceFile = SOURCE) -> Span:
    start = source.text.index(part)
    return Span(source, start, start + len(part))


def picked(**more: object) -> Diagnostic:
    return Diagnostic("E0304", "node `n[0]` must pick 3", at("pick 3 of earlier"), "needs at least 3", **more)  # type: ignore[arg-type]


def test_the_layout() -> None:
    label = Label(at("prev2, prev1"), "the only values before `n[0]`")
    shown = report.terminal([picked(labels=(label,), notes=("a note",), helps=("pick 2 of earlier",))])
    assert shown == (
        "error[E0304]: node `n[0]` must pick 3\n"
        " --> spaces/darts.nas:7:11\n"
        "  |\n"
        "4 | cell normal(prev2, prev1) {\n"
        "  |             ------------ the only values before `n[0]`\n"
        "...\n"
        "7 |     from  pick 3 of earlier\n"
        "  |           ^^^^^^^^^^^^^^^^^ needs at least 3\n"
        "  |\n"
        "  = note: a note\n"
        "  = help: pick 2 of earlier\n"
        "\n"
        "1 error\n"
    )


def test_a_gap_of_one_line_is_shown_and_no_label_no_space() -> None:
    shown = report.terminal([Diagnostic("E1", "m", at("pick 3"), "", (Label(at("align")),), severity="warning")])
    assert "5 |   align ports always conv(1)\n  |   -----\n6 |   node n[4] {\n7 |" in shown
    assert shown.startswith("warning[E1]: m\n")
    assert shown.endswith("\n\n1 warning\n")


def test_labels_of_one_line_stand_on_lines_of_their_own_and_numbers_are_aligned() -> None:
    source = SourceFile("x.nas", "\n" * 8 + "first\nsecond part\n")
    labels = (Label(at("part", source), "two"), Label(at("first", source), "one"))
    shown = report.terminal([Diagnostic("E1", "m", at("second", source), "here", labels)])
    assert " 9 | first\n   | ----- one\n10 | second part\n   | ^^^^^^ here\n   |        ---- two\n" in shown


def test_another_file_has_a_header_of_its_own() -> None:
    library = SourceFile("vision.nas", "block conv(k) {\n}\n")
    shown = report.terminal([picked(labels=(Label(at("conv", library), "declared here"),))])
    assert " ::: vision.nas:1:7\n  |\n1 | block conv(k) {\n  |       ---- declared here\n" in shown


def test_a_span_over_lines_is_underlined_on_its_first() -> None:
    shown = report.terminal([Diagnostic("E1", "m", at("node n[4] {\n    from"))])
    assert "6 |   node n[4] {\n  |   ^^^^^^^^^^^\n" in shown


def test_tabs_wide_characters_and_the_end_of_the_file() -> None:
    source = SourceFile("x.nas", "\tab\t\u4e16\u754c x")
    assert report.terminal([Diagnostic("E1", "m", at("x", source))]).splitlines()[3:5] == [
        "1 |     ab  \u4e16\u754c x",
        "  |              ^",
    ]
    end = len(source.text)
    assert report.terminal([Diagnostic("E1", "m", Span(source, end, end))]).splitlines()[4] == "  |               ^"


def test_a_long_line_is_clipped_around_its_span() -> None:
    source = SourceFile("x.nas", "a, " * 5000 + "bad, " + "c, " * 5000)
    lines = report.terminal([Diagnostic("E1", "m", at("bad", source), "here")]).splitlines()
    line, marks = lines[3], lines[4]
    assert len(line) < 130
    assert line[marks.index("^") :].startswith("bad")
    assert marks.strip("| ") == "^^^ here"
    far = report.terminal([Diagnostic("E1", "m", at("bad", source), "x", (Label(Span(source, 0, 1), "first"),))])
    assert max(map(len, far.splitlines())) < 130
    assert report.terminal([Diagnostic("E1", "m", Span(source, 0, len(source.text)), "all")]).count("^") <= 101


def test_nothing_in_a_file_can_steer_the_terminal() -> None:
    source = SourceFile("x\x1b[2J.nas", "a\x1b[31m\x07\u202eb\n")
    shown = report.terminal([Diagnostic("E1", "m \x1b[1m", at("b", source), "l \x1b[1m", helps=("\x1b",))])
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_colour_only_where_asked() -> None:
    assert "\x1b" not in report.terminal([picked()])
    coloured = report.terminal([picked()], color=True)
    assert "\x1b[1;31merror[E0304]\x1b[0m" in coloured


def test_at_most_twenty_are_shown_and_all_are_counted() -> None:
    many = [picked()] * 25 + [Diagnostic("E2", "m", severity="warning")]
    shown = report.terminal(many)
    assert shown.count("error[E0304]") == 20
    assert shown.endswith("25 errors and 1 warning, the first 20 shown\n")
    assert report.terminal([]) == ""
    assert report.terminal([Diagnostic("E2", "no place", helps=("do this",))]) == (
        "error[E2]: no place\n  = help: do this\n\n1 error\n"
    )


def test_json() -> None:
    label = Label(at("align"), "there")
    found = json.loads(
        report.as_json([picked(labels=(label,), helps=("h",)), Diagnostic("E2", "m", severity="warning")])
    )
    assert (found["errors"], found["warnings"]) == (1, 1)
    first, second = found["diagnostics"]
    assert first["place"] == {"file": "spaces/darts.nas", "line": 7, "column": 11, "end_line": 7, "end_column": 28}
    assert first["labels"][0]["place"]["line"] == 5
    assert first["helps"] == ["h"]
    assert second["place"] is None
