"""A table of measured latencies: a JSON file that a person can read, and the machine on which it was measured."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nasdsl.compiler.network import Network
from nasdsl.diagnostics import NasdslError, error
from nasdsl.evolve.folder import write
from nasdsl.relax.operation import Operation, operations, runs
from nasdsl.version import VERSION

if TYPE_CHECKING:
    from nasdsl.compiler.frame import Binding
    from nasdsl.space.model import SearchSpace

FORMAT = 1
LARGEST = 64_000_000
"""The most bytes that are read."""
NAMED = 5
"""How many missing operations are named."""

_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Machine(BaseModel):
    """What decides how long an operation takes: two tables of unlike machines have nothing to say to each other."""

    model_config = _STRICT

    processor: str
    device: str
    threads: int = Field(ge=1)
    batch: int = Field(ge=1)
    torch: str

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' if self.threads != 1 else ''}"
        return f"{self.processor}, {self.device}, {threads}, batch {self.batch}, torch {self.torch}"


class Entry(BaseModel):
    """The latency of one operation in milliseconds for a whole batch: the median of `repeats`, and their quartiles.

    `busy` is the median share of the readings in which the process itself ran: far below 1 on a CPU that had much else
    to do, and then the latency is that of a crowded machine.
    """

    model_config = _STRICT

    ms: float = Field(ge=0)
    low: float = Field(ge=0)
    high: float = Field(ge=0)
    repeats: int = Field(ge=1)
    busy: float = Field(default=1.0, ge=0)


class LatencyTable(BaseModel):
    """Latencies by the keys of operations (see `Operation.key`)."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    format: int = FORMAT
    nasdsl: str = VERSION
    machine: Machine
    entries: dict[str, Entry] = Field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        write(path, self.model_dump_json(indent=2) + "\n")

    def missing(self, wanted: Iterable[Operation]) -> list[Operation]:
        """Those that were not measured yet, each once."""
        return [o for key, o in {o.key: o for o in wanted}.items() if key not in self.entries]

    def latencies(self, network: Network, command: str, only: Collection[int] | None = None) -> tuple[float, ...]:
        """Milliseconds of each operation of a network; 0 for what takes no time of its own, or is not among `only`.

        Raises E0933 where operations are not in the table: it names them, and `command`, which measures them.
        """
        timed = [o if only is None or i in only else None for i, o in enumerate(operations(network))]
        lacking = self.missing(o for o in timed if o is not None)
        if lacking:
            raise unmeasured(lacking, command)
        return tuple(
            0.0 if o is None else times * self.entries[o.key].ms for o, times in zip(timed, runs(network), strict=True)
        )


def read(path: Path) -> LatencyTable:
    """The table of a file. Raises E0930 for a file that is none, or has a newer format."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise error("E0930", f"there is no table {path}", helps=(f"nasdsl latency SPACE -o {path}",)) from None
    except OSError as failure:
        raise error("E0930", f"{path} cannot be read: {failure.strerror}") from None
    if len(data) > LARGEST:
        raise error("E0930", f"{path} is no table of latencies: it is longer than {LARGEST:,} bytes")
    try:
        head = _Head.model_validate_json(data)
        if head.format > FORMAT:
            raise error(
                "E0930", f"{path} has format {head.format}, and this nasdsl reads up to format {FORMAT}",
                helps=("pip install --upgrade nasdsl",),
            )  # fmt: skip
        return LatencyTable.model_validate_json(data)
    except ValidationError as problem:
        raise _damaged(path, problem.errors()[0]) from None


class _Head(BaseModel):
    model_config = ConfigDict(strict=True)

    format: int = Field(ge=1)


def _damaged(path: Path, first: Any) -> NasdslError:
    where = ".".join(map(str, first["loc"]))
    note = f"{where:.200}: {first['msg']}" if where else str(first["msg"])
    helps = (f"measure anew into another file: nasdsl latency SPACE -o {path.stem}-2.json",)
    return error("E0930", f"{path} is no table of latencies", notes=(note,), helps=helps)


def elsewhere(path: Path, table: LatencyTable, here: Machine) -> NasdslError:
    """E0931: a table of another machine, or of this one with other settings."""
    theirs, ours = table.machine.model_dump(), here.model_dump()
    notes = [f"{name}: {theirs[name]} in the table, {ours[name]} here" for name in ours if theirs[name] != ours[name]]
    return error(
        "E0931", f"{path} was measured under other conditions", notes=notes,
        helps=(f"another file: -o {path.stem}-2.json", "or forget the old figures: --anew"),
    )  # fmt: skip


def unmeasured(lacking: Sequence[Operation], command: str) -> NasdslError:
    """E0933: operations without a latency; there is no guess for them."""
    named = [operation.key for operation in lacking[:NAMED]]
    more = [f"and {len(lacking) - NAMED:,} more"] if len(lacking) > NAMED else []
    what = "1 operation is" if len(lacking) == 1 else f"{len(lacking):,} operations are"
    return error("E0933", f"{what} not in the table of latencies", notes=[*named, *more], helps=(command,))


def command(typed: str, space: SearchSpace, binding: Binding | None, path: Path | str) -> str:
    """The command that measures the operations of a space, named as it was typed, into a file."""
    words = ["nasdsl", "latency", typed]
    # A net named where it need not be is no mistake.
    words += ["--net", space.net] if space.net else []
    for name, value in space.params.items():
        words += ["-p", f"{name}={value}"]
    for option, _, text in (each.partition(" ") for each in space.narrowed):
        words += [f"--{option}", text]
    for module in space.ops:
        words += ["--ops", module]
    if binding is not None:
        words += ["--image", f"{binding.width}x{binding.size[0]}x{binding.size[1]}"]
        words += ["--classes", str(binding.classes)] if binding.classes is not None else []
    return shlex.join([*words, "-o", str(path)])
