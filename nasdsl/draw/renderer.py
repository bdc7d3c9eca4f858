"""From dot text to a file: the system's `dot` where there is one, else the program of `graphviz-pure`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from nasdsl.diagnostics import InternalError, error

FORMATS = ("svg", "png", "pdf", "dot")
SECONDS = 120  # a layout takes well under one; more means that the graph is too large to be read anyway
_DPI, _SIDE = 160, 12_000  # of a png, and the longest side in pixels before it is made coarser


def render(dot: str, target: str | Path) -> bytes:
    """Draw `dot` as the format `target` names (`"svg"`), or into the file `target` by its suffix; return the bytes.

    NasdslError E0701: no known format; E0702: the format needs a system Graphviz; E0703: no renderer, or it failed;
    E0704: the file cannot be written.
    """
    form = _format(target)
    data = _draw(dot, form)
    if not (isinstance(target, str) and target in FORMATS):
        _write(Path(target), data)
    return data


def system_dot() -> str | None:
    """The `dot` of an installed Graphviz."""
    return shutil.which("dot")


def shipped_dot() -> str | None:
    """The program that the package `graphviz-pure` installed, on the path or not."""
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if Path(file.name).stem == "graphviz-pure" and (found := Path(str(file.locate()))).is_file():
            return str(found)
    return shutil.which("graphviz-pure")


def _format(target: str | Path) -> str:
    text = str(target)
    form = text if isinstance(target, str) and text in FORMATS else Path(text).suffix.lower().removeprefix(".")
    form = {"gv": "dot"}.get(form, form)
    if form not in FORMATS:
        known = ", ".join(f"`.{f}`" for f in FORMATS)
        what = f"`.{form}` is not a format of drawings" if form else f"`{text}` has no suffix that names a format"
        raise error("E0701", what, helps=[f"end the file's name in one of {known}"])
    return form


def _draw(dot: str, form: str) -> bytes:
    if form == "dot":
        return dot.encode()
    program = system_dot()
    if program is None and form == "pdf":
        raise error(
            "E0702",
            "a pdf can only be drawn by an installed Graphviz, and there is none here",
            helps=["write an `.svg` instead: it needs nothing more", "or install Graphviz so that `dot` is found"],
        )
    program = program or shipped_dot()
    if program is None:
        helps = ["pip install graphviz-pure", "or write a `.dot` file, which needs no renderer"]
        raise error("E0703", "there is no program that can draw: neither Graphviz nor graphviz-pure", helps=helps)
    if form == "png":
        return _run(program, dot, ["-Tpng", f"-Gdpi={_dots(_run(program, dot, ['-Tsvg']))}"])
    data = _run(program, dot, [f"-T{form}"])
    return _browsable(data) if form == "svg" else data


def _run(program: str, dot: str, options: list[str]) -> bytes:
    helps = ["write a `.dot` file to draw it with another program"]
    try:
        done = subprocess.run(
            [program, *options], input=dot.encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise error("E0703", f"the drawing was not laid out within {SECONDS} seconds", helps=helps) from late
    except OSError as fault:
        raise error("E0703", f"`{Path(program).name}` cannot be run: {fault.strerror}", helps=helps) from fault
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        if any("syntax error" in line for line in said):
            raise InternalError(f"the drawing's dot text is wrong: {said[0]}")
        notes = [said[-1][:200]] if said else []
        raise error("E0703", f"`{Path(program).name}` could not draw it", notes=notes, helps=helps)
    return done.stdout


def _dots(svg: bytes) -> int:
    """Dots per inch at which a png of this drawing keeps to `_SIDE` pixels."""
    found = re.search(rb'<svg width="([0-9.]+)pt" height="([0-9.]+)pt"', svg)
    points = max(map(float, found.groups())) if found else 1.0
    return max(24, min(_DPI, int(_SIDE * 72 / points)))


def _browsable(svg: bytes) -> bytes:
    """Name the families a browser has. Quotes in texts are escaped, so only attributes are touched."""
    return re.sub(rb'font-family="Helvetica[^"]*"', b'font-family="Helvetica,Arial,sans-serif"', svg)


def _write(path: Path, data: bytes) -> None:
    """Write the whole file or nothing."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as fault:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise error("E0704", f"`{path}` cannot be written: {fault.strerror}") from fault
