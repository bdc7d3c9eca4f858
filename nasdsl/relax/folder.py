"""The folder of a relaxed search, and the files written for people.

settings.json   what decides the run   space.nas, imports   the space     checkpoint.pt   all that training changes
tables.json     what the architecture parameters are        history.jsonl what every epoch came to
genotype.nas    the derived genotype   search.svg, .png     how the search went
latency.json    the measured operations, where their times are limited
lock            held by the kernel while a process works here
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from nasdsl.diagnostics import error
from nasdsl.evolve import folder as folders
from nasdsl.evolve.problem import SpaceText
from nasdsl.relax.settings import RelaxSettings

if TYPE_CHECKING:
    from nasdsl.compiler.tables import Table
    from nasdsl.relax.table import LatencyTable

FORMAT = 1
KIND = "relax"
HISTORY, TABLES, GENOTYPE, LATENCY = "history.jsonl", "tables.json", "genotype.nas", "latency.json"
PICTURES = ("search.svg", "search.png")
WRITTEN = (GENOTYPE, *PICTURES)


class Record(BaseModel):
    """settings.json: the settings, what the space's text was read with, and what a resume must find as it was.

    `genotype` is what the derived genotype is called.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    format: int
    kind: Literal["relax"]
    nasdsl: str
    settings: RelaxSettings
    space: str
    net: str
    fingerprint: str
    genotype: str
    data_sha256: str
    threads: int


class Line(BaseModel):
    """One row of a table: what a person calls it, what kind of mixture it is, and what its columns stand for."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    name: str
    kind: str
    columns: tuple[str, ...]


Lines = dict[str, tuple[Line, ...]]
_LINES = TypeAdapter(Lines)


def create(
    root: Path, record: Record, space: SpaceText, name: str | None = None, latency: LatencyTable | None = None
) -> Path:
    """A new folder under `root`; unnamed it is `<space>-<method>-<number>`. Raises E0609."""
    folder = folders.made(root, f"{space.name}-{record.settings.method}", space, name)
    if latency is not None:
        latency.save(folder / LATENCY)
    # Last: with it the folder is a run.
    folders.write(folder / folders.SETTINGS, record.model_dump_json(indent=2) + "\n")
    return folder


def read(folder: Path) -> tuple[Record, SpaceText]:
    """What a folder records. Raises E0914 for what is no relaxed search, E0601 for no run, E0603 for a newer format."""
    held = folders.contents(folder, FORMAT)
    if held.kind != KIND:
        raise error(
            "E0914", f"{folder} holds no supernet: `nasdsl {held.kind}` made this run",
            helps=["nasdsl relax SPACE makes one", "nasdsl runs"],
        )  # fmt: skip
    record = folders.validated(Record, folder, held)
    return record, held.text(record.space, record.net, record.settings)


def relaxed(folder: Path) -> bool:
    """Whether `nasdsl relax` made this folder."""
    if not (folder / folders.SETTINGS).is_file():
        return False
    return folders.contents(folder, FORMAT).kind == KIND


def write_tables(folder: Path, tables: Iterable[Table]) -> None:
    lines = {t.name: tuple(Line(name=r.name, kind=r.kind, columns=r.columns) for r in t.rows) for t in tables}
    folders.write(folder / TABLES, _LINES.dump_json(lines).decode() + "\n")


def read_tables(folder: Path) -> Lines:
    """The rows of every table. Raises E0913 where they cannot be read."""
    try:
        return _LINES.validate_json((folder / TABLES).read_bytes(), strict=False)
    except (OSError, ValidationError):
        raise error("E0913", f"{folder / TABLES} is damaged") from None


def best_text(folder: Path) -> str:
    """The derived genotype as text; empty before the first epoch has ended."""
    path = folder / GENOTYPE
    return path.read_text(encoding="utf-8") if path.is_file() else ""
