"""The pages behind the codes: what each says, why the rule exists, a wrong and a right example.

A page is `pages/CODE.md`: a title, prose, and under `## Wrong` and `## Right` one block each, a whole small `.nas`
file. A code that no file alone can give says in its front matter where it is met, and shows a shell or Python instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from nasdsl.diagnostics import Diagnostic, NasdslError, error

PAGES: Final = Path(__file__).parent / "pages"

_PAGE: Final = re.compile(
    r"(?:---\nmet: (?P<met>[^\n]+)\n---\n)?"
    r"# (?P<code>\w+): (?P<title>[^\n]+)\n\n(?P<prose>.+?)\n\n"
    r"## Wrong\n\n```(?P<language>\w+)\n(?P<wrong>.*?)\n```\n\n"
    r"## Right\n\n```(?P=language)\n(?P<right>.*?)\n```\n",
    re.DOTALL,
)
_BOLD: Final = "\033[1m"
_WRONG: Final = "\033[31m"
_RIGHT: Final = "\033[32m"
_PLAIN: Final = "\033[0m"


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to say about a code. `met` is empty where a file alone gives it: then the examples are files."""

    code: str
    title: str
    prose: str
    wrong: str
    right: str
    met: str = ""


def codes() -> tuple[str, ...]:
    """Every code that has a page, in order."""
    return tuple(sorted(path.stem for path in PAGES.glob("*.md")))


def page(code: str) -> Page:
    """The page of a code, in upper or lower case. Raises NasdslError (E0002) for a code that is none."""
    known, wanted = codes(), code.strip().upper()
    if wanted not in known:
        # Digits change places more often than they change: what they belong to is the better guess.
        close = get_close_matches(wanted, known, n=len(known))
        best = max(close, key=lambda c: (c[:3] == wanted[:3], sorted(c) == sorted(wanted)), default="")
        helps = [f"did you mean `{best}`?" if best else "`nasdsl explain` lists every code"]
        raise error("E0002", f"there is no code `{code}`", helps=helps)
    found = _PAGE.fullmatch((PAGES / f"{wanted}.md").read_text(encoding="utf-8"))
    assert found is not None, f"the page of {wanted} has the form of a page"
    said = found.groupdict(default="")
    return Page(said["code"], said["title"], said["prose"], said["wrong"], said["right"], said["met"])


def pages(wanted: tuple[str, ...]) -> tuple[Page, ...]:
    """The pages of several codes, or of all. Raises NasdslError with every code that is none."""
    found: list[Page] = []
    problems: list[Diagnostic] = []
    for code in wanted or codes():
        try:
            found.append(page(code))
        except NasdslError as mistake:
            problems.extend(mistake.diagnostics)
    if problems:
        raise NasdslError(problems)
    return tuple(found)


def as_text(page: Page, color: bool = False) -> str:
    """A page for a terminal."""

    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_PLAIN}" if color else text

    def block(style: str, name: str, text: str) -> str:
        return "\n".join([paint(style, name), *(f"  {line}".rstrip() for line in text.splitlines())])

    prose = re.sub(r"`[^`]+`", lambda quoted: paint(_BOLD, quoted[0]), page.prose)
    parts = [paint(_BOLD, f"{page.code}: {page.title}"), prose, *([f"Met {page.met}."] if page.met else [])]
    return "\n\n".join([*parts, block(_WRONG, "wrong", page.wrong), block(_RIGHT, "right", page.right)])


def listing() -> str:
    """Every code with its title, one a line."""
    return "\n".join(f"{each.code}  {each.title}" for each in pages(()))


def hint(reported: Iterable[Diagnostic]) -> str:
    """The one line behind a whole report that says where more is to be read, with at most three codes."""
    return f"nasdsl explain {' '.join(list(dict.fromkeys(d.code for d in reported))[:3])} says more"
