"""Offsets and an editor's columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasdsl.lsp.positions import Positions

ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 8), ("utf-16", 5), ("utf-32", 4)])
def test_an_emoji_is_as_wide_as_the_encoding_says(encoding: str, column: int) -> None:
    text = "first\r\né 🎈 x\n"
    positions = Positions(text, encoding)
    assert positions.position(text.index("x")) == (1, column)
    assert positions.offset(1, column) == text.index("x")


def test_what_lies_outside_is_moved_to_an_end() -> None:
    positions = Positions("ab\r\n🎈c")
    assert positions.offset(0, 9) == 2
    assert positions.offset(1, 1) == 4, "inside of a character"
    assert positions.offset(1, 9) == positions.offset(7, 0) == 6


@given(st.text(alphabet=st.sampled_from("a \n\r\f\u2028é🎈\ud800"), max_size=30), st.sampled_from(ENCODINGS))
def test_every_offset_comes_back(text: str, encoding: str) -> None:
    positions = Positions(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue  # a place between the two is none in an editor
        assert positions.offset(*positions.position(offset)) == offset
