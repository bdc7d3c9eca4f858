"""Offsets in a text, and the lines and columns of an editor, which counts code units of an encoding."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_UNIT: Final = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODEC: Final = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


class Positions:
    """Both directions for one text. What lies outside of a line or of the text is moved to its end."""

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self._text, self._encoding = text, encoding
        # An editor ends lines at a lone carriage return, too.
        self._starts = [0, *(m.end() for m in re.finditer(r"\r\n|\n|\r", text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both counted from 0."""
        line = bisect_right(self._starts, offset) - 1
        return line, self._units(self._text[self._starts[line] : offset])

    def offset(self, line: int, column: int) -> int:
        if line >= len(self._starts):
            return len(self._text)
        start = self._starts[line]
        stop = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        text = self._text[start:stop].rstrip("\r\n")
        if text.isascii() or self._encoding == "utf-32":
            return start + min(column, len(text))
        # A column inside a character is moved to its start.
        units = 0
        for i, char in enumerate(text):
            units += self._units(char)
            if units > column:
                return start + i
        return start + len(text)

    def _units(self, text: str) -> int:
        if text.isascii():
            return len(text)
        return len(text.encode(_CODEC[self._encoding], "surrogatepass")) // _UNIT[self._encoding]
