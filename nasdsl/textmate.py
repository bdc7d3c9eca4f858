"""The TextMate grammar of `editors/vscode`, its keywords from the grammar.

`python -m nasdsl.textmate FILE` writes it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from nasdsl.highlighting import DECLARES, NAME, NUMBER, VALUES, groups, symbols

SCOPES = {
    "declaration": "keyword.declaration.nas",
    "statement": "keyword.control.nas",
    "operator": "keyword.operator.word.nas",
}


def grammar() -> dict[str, Any]:
    """A list of patterns, tried in order at every place of a line; none is longer than a line."""
    found = groups()
    keyword = "|".join(word for group in found.values() for word in group)
    header = {
        "match": rf"\b({'|'.join(DECLARES)})\b[ \t]+(?!(?:{keyword})\b)({NAME})",
        "captures": {"1": {"name": SCOPES["declaration"]}, "2": {"name": "entity.name.type.nas"}},
    }
    return {
        "name": "nasdsl",
        "scopeName": "source.nas",
        "fileTypes": ["nas"],
        "patterns": [
            _pattern("#.*$", "comment.line.number-sign.nas"),
            _pattern(r'"[^"]*"', "string.quoted.double.nas"),
            _pattern(r"\.\.", "keyword.operator.range.nas"),
            {"match": rf"\.\s*({NAME})", "captures": {"1": {"name": "variable.other.member.nas"}}},
            header,
            *(_pattern(rf"\b(?:{'|'.join(words)})\b", SCOPES[group]) for group, words in found.items()),
            _pattern(rf"\b(?:{'|'.join(VALUES)})\b", "variable.language.nas"),
            _pattern(rf"\b{NAME}(?=\s*\()", "entity.name.function.nas"),
            _pattern(rf"\b{NAME}\b", "variable.other.nas"),
            _pattern(rf"\b{NUMBER}", "constant.numeric.nas"),
            _pattern("|".join(map(re.escape, symbols())), "keyword.operator.nas"),
        ],
    }


def text() -> str:
    """The grammar as the file holds it."""
    return json.dumps(grammar(), indent=2) + "\n"


def _pattern(match: str, scope: str) -> dict[str, str]:
    return {"match": match, "name": scope}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
