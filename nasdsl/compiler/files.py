"""The texts that a file imports by path: from the folder it lies in, or from those that were kept with it.

A path is resolved as text: `use "../b.nas"` in `sub/a.nas` is `b.nas`, whatever links there are. So what was kept of a
space under these paths stands for the files, when they have changed or gone.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Mapping

from nasdsl.diagnostics import NasdslError, error
from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.parser import LARGEST, read

SUFFIX = ".nas"


class Files:
    """What a root file can import by path. Keys are normal paths from its folder; its own is `root`."""

    def __init__(self, source: SourceFile, held: Mapping[str, str] | None = None) -> None:
        self.folder = source.path.parent if source.path is not None else None
        self.shown = os.path.dirname(source.name) if source.path is not None else ""  # noqa: PTH120 - it is text
        self.root = posixpath.basename(source.name)
        self.held = held
        self.texts: dict[str, str] = {}

    def key(self, path: tree.String, importer: str) -> str:
        """The key of what `importer` imports by a path; E0272 for a path that no file may name."""
        text = path.value
        if self.folder is None and self.held is None:
            raise error(
                "E0274", "a text that is no file cannot import by path", path.span, "relative to which folder?",
                notes=("a path is relative to the file that imports it",),
            )  # fmt: skip
        if posixpath.isabs(text):
            raise error(
                "E0272", "a path is relative to the file that imports it", path.span, "begins at the root of the disk",
                notes=("a space with absolute paths works on one machine only",),
            )  # fmt: skip
        if not text.endswith(SUFFIX):
            helps = (f'use "{text}{SUFFIX}" (...)',) if text and not posixpath.splitext(text)[1] else ()
            raise error("E0272", f"an imported file ends in `{SUFFIX}`", path.span, "does not", helps=helps)
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), text))

    def source(self, key: str, path: tree.String) -> SourceFile:
        """The text behind a key, read once; E0271 at the path where it cannot be, E0273 where all is too much."""
        found = self.kept(key, path) if self.held is not None else self.read(key, path)
        self.texts[key] = found.text
        if sum(map(len, self.texts.values())) > LARGEST:
            raise error("E0273", f"imported files hold more than {LARGEST:,} characters in all", path.span)
        return found

    def name(self, key: str) -> str:
        return os.path.normpath(os.path.join(self.shown, key))  # noqa: PTH118 - a Path keeps `..`

    def kept(self, key: str, path: tree.String) -> SourceFile:
        assert self.held is not None
        if key not in self.held:
            raise error("E0271", f"the text of `{key}` was not given", path.span, "not there")
        return SourceFile(self.name(key), self.held[key], imported=path.span)

    def read(self, key: str, path: tree.String) -> SourceFile:
        assert self.folder is not None
        name, where = self.name(key), self.folder / key
        try:
            mode = where.stat().st_mode
            if stat.S_ISREG(mode) and not where.resolve().name.endswith(SUFFIX):
                raise error("E0272", f"`{name}` is a link to a file that does not end in `{SUFFIX}`", path.span)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or "no such path"
            raise error("E0271", f"`{name}` cannot be imported", path.span, reason.lower()) from None
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
            raise error("E0271", f"`{name}` cannot be imported", path.span, f"{what}, not a file")
        try:
            found = read(where)
        except NasdslError as problem:
            [mistake] = problem.diagnostics
            message = mistake.message.replace(f"`{where}`", f"`{name}`")
            raise error("E0271", message, path.span, "cannot be imported", helps=mistake.helps) from None
        return SourceFile(name, found.text, where, imported=path.span)
