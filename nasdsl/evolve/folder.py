"""A run's folder: what is in it, its lock, and the files written for people.

run.sqlite  the store          space.nas   the space's text     settings.json  what decides the run
imports     what space.nas imports by path
best.nas    the best genotype  best.svg    its drawing          best.pt        its weights (a state dict)
lock        held by the kernel while a process works here       workers.log    what workers print
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from nasdsl.compiler.gathered import FOLDER
from nasdsl.diagnostics import NasdslError, error
from nasdsl.evolve.evaluators import Inherited
from nasdsl.evolve.problem import Asked, SpaceText
from nasdsl.evolve.settings import RunSettings
from nasdsl.evolve.store import FORMAT, Store, newer

STORE, SETTINGS, SPACE = "run.sqlite", "settings.json", "space.nas"
Recorded = TypeVar("Recorded", bound=BaseModel)
WRITTEN = ("best.nas", "best.svg", "best.pt")


class Record(BaseModel):
    """settings.json: the settled settings, what the space's text was read with, and the data's digest."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    format: int
    nasdsl: str
    settings: RunSettings
    space: str
    net: str
    data_sha256: str
    evaluator: str
    inherited: Inherited | None = None


def create(root: Path, record: Record, space: SpaceText, name: str | None = None) -> Path:
    """A new folder under `root`, complete but for the search itself; unnamed it is `<space>-<strategy>-<number>`.

    Raises E0609 where it cannot be made or the name is taken.
    """
    folder = made(root, f"{space.name}-{record.settings.strategy}", space, name)
    write(folder / SETTINGS, record.model_dump_json(indent=2) + "\n")
    with Store.create(folder / STORE):
        return folder


def made(root: Path, stem: str, space: SpaceText, name: str | None = None) -> Path:
    """A new folder under `root` that holds a space's texts; unnamed it is `<stem>-<number>`. Raises E0609."""
    folder = _fresh(root, stem) if name is None else _named(root, name)
    write(folder / SPACE, space.text)
    for path, text in space.imports.items():
        (folder / path).parent.mkdir(exist_ok=True)
        write(folder / path, text)
    return folder


def _named(root: Path, name: str) -> Path:
    folder = root / name
    if folder.parent != root or name == "..":
        raise error("E0609", f"`{name}` is no name of a run: it is a path", helps=["choose the place with --runs-dir"])
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise error("E0609", f"there is a run {folder} already", helps=[f"nasdsl resume {folder}"]) from None
    except OSError as problem:
        raise _unmade(folder, problem) from None
    return folder


def _unmade(folder: Path, problem: OSError) -> NasdslError:
    return error("E0609", f"{folder} cannot be made: {problem.strerror}", helps=["choose another place"])


def _fresh(root: Path, stem: str) -> Path:
    taken = [path.name.removeprefix(f"{stem}-") for path in root.glob(f"{stem}-*")]
    number = max((int(name) for name in taken if name.isdigit()), default=0) + 1
    while True:
        folder = root / f"{stem}-{number}"
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1
        except OSError as problem:
            raise _unmade(folder, problem) from None


@dataclass(frozen=True)
class Contents:
    """What every run's folder holds: the text of settings.json, what that says as JSON, and the space's texts."""

    settings: str
    held: Any
    space: str
    imports: dict[str, str]

    @property
    def kind(self) -> str:
        """The command that made the run: `evolve`, unless its settings say otherwise."""
        return str(self.held.get("kind", "evolve")) if isinstance(self.held, dict) else "evolve"

    def text(self, name: str, net: str, asked: Asked) -> SpaceText:
        """The run's space."""
        return SpaceText(
            name=name, text=self.space, net=net, params=asked.params, imports=self.imports, ops=asked.ops,
            restrict=asked.restrict, fix=asked.fix,
        )  # fmt: skip


def contents(folder: Path, newest: int = FORMAT) -> Contents:
    """The texts of a folder. Raises E0601 for one that is no run, E0603 for a format newer than `newest`."""
    try:
        text = (folder / SETTINGS).read_text(encoding="utf-8")
        space = (folder / SPACE).read_text(encoding="utf-8")
        imports = {f"{FOLDER}/{p.name}": p.read_text(encoding="utf-8") for p in (folder / FOLDER).glob("*.nas")}
        held = json.loads(text)
    except (OSError, ValueError):
        lacks = f"{folder} is no run: it has no readable {SETTINGS} and {SPACE}"
        what = lacks if folder.is_dir() else f"there is no folder {folder}"
        raise error("E0601", what, helps=["nasdsl runs"]) from None
    number = held.get("format") if isinstance(held, dict) else None
    if isinstance(number, int) and number > newest:
        raise newer(folder / SETTINGS, number)
    return Contents(text, held, space, imports)


def read(folder: Path) -> tuple[Record, SpaceText]:
    """What a folder records. Raises E0601 for a folder that is no run, E0603 for a newer format."""
    held = contents(folder)
    if held.kind != "evolve":
        raise error("E0601", f"{folder} is no run of `nasdsl evolve`: `nasdsl {held.kind}` made it")
    record = validated(Record, folder, held)
    return record, held.text(record.space, record.net, record.settings)


def validated(model: type[Recorded], folder: Path, held: Contents) -> Recorded:
    """settings.json as the record it should be. Raises E0601 where it is none."""
    try:
        return model.model_validate_json(held.settings)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise error("E0601", f"{folder / SETTINGS} is damaged", notes=[f"{where}: {first['msg']}"]) from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the run's lock. The kernel lets go when the process ends, however it ends. E0602 if it is held."""
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise error("E0602", f"another process works on {folder}", helps=["let it end, or stop it first"]) from None
        yield


def write(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def best_text(space: SpaceText, genotype: str) -> str:
    """The space with its best genotype below it: a file that every command reads."""
    return f"{space.text.rstrip()}\n\n{genotype.rstrip()}\n"
