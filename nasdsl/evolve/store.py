"""The embedded store of a run: proposals, results and final accuracies in one SQLite file.

Write-ahead log with synchronous = FULL. A killed process loses nothing committed under any setting, because the log's
pages are the kernel's by then; but NORMAL syncs only at checkpoints, and a power cut could take back the evaluations
told since. One sync costs milliseconds where an evaluation costs seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from nasdsl.diagnostics import error
from nasdsl.evolve.history import Final, Proposal, Result
from nasdsl.evolve.progress import Ending

FORMAT = 1
Model = TypeVar("Model", bound=BaseModel)
_APPLICATION = int.from_bytes(b"nasd")
_TABLES = """
create table proposals (
  n integer primary key, parents text not null, code text not null, text text not null, key text not null,
  alias integer, draws integer not null, duplicates integer not null, params integer not null, macs integer not null,
  ops integer not null, fault text not null);
create table results (
  n integer primary key references proposals(n), status text not null, score real, reason text not null,
  seconds real not null, struck integer not null, elapsed real not null);
create table finals (n integer primary key references proposals(n), validation real not null, test real not null);
create table ending (ending text not null);
"""


class Store:
    """Open on one run's file; every method that writes is one commit."""

    def __init__(self, connection: sqlite3.Connection, where: Path) -> None:
        self._connection = connection
        self._where = where
        connection.row_factory = sqlite3.Row

    @classmethod
    def create(cls, path: Path) -> Store:
        """A new, empty store."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute(f"pragma application_id = {_APPLICATION}")
        connection.executescript(f"begin; {_TABLES} pragma user_version = {FORMAT}; commit;")
        return cls(connection, path)

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store of a run. Raises E0601 for a file that is none, E0603 for a newer format."""
        if not path.is_file():
            raise error("E0601", f"{path.parent} is no run: it has no {path.name}", helps=["nasdsl runs"])
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            application, number = (
                connection.execute(f"pragma {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            connection.execute("pragma synchronous = full")
        except sqlite3.DatabaseError:
            connection.close()
            raise error("E0601", f"{path} is no store of a run", helps=["nasdsl runs"]) from None
        if application != _APPLICATION or number < 1:
            connection.close()
            raise error("E0601", f"{path} is no store of a run", helps=["nasdsl runs"])
        if number > FORMAT:
            connection.close()
            raise newer(path, number)
        return cls(connection, path)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *raised: object) -> None:
        self._connection.close()

    def propose(self, proposal: Proposal) -> None:
        row = proposal.model_dump()
        self._insert("proposals", row | {"parents": json.dumps(proposal.parents)})

    def commit(self, result: Result, elapsed: float) -> None:
        """A finished evaluation; `elapsed` is the run's age in seconds, over all its sessions."""
        self._insert("results", result.model_dump() | {"elapsed": elapsed})

    def final(self, final: Final) -> None:
        self._insert("finals", final.model_dump())

    def end(self, ending: Ending) -> None:
        """The run is over: nothing is left to be done by a resume."""
        if self.ended is None:
            self._insert("ending", {"ending": ending})

    @property
    def ended(self) -> Ending | None:
        rows = self._rows("select ending from ending")
        if not rows:
            return None
        return "exhausted" if rows[0][0] == "exhausted" else "finished"

    def proposals(self) -> list[Proposal]:
        """All proposals, by number. Raises E0608 for a damaged store, as every reader here."""
        rows = self._rows("select * from proposals order by n")
        return self._read(Proposal, ({**row, "parents": tuple(json.loads(row["parents"]))} for row in rows))

    def results(self) -> dict[int, Result]:
        """All results, told or waiting to be told, by number."""
        rows = self._rows("select n, status, score, reason, seconds, struck from results order by n")
        read = self._read(Result, ({**row, "struck": bool(row["struck"])} for row in rows))
        return {result.n: result for result in read}

    def finals(self) -> dict[int, Final]:
        rows = self._rows("select * from finals order by n")
        return {final.n: final for final in self._read(Final, (dict(row) for row in rows))}

    @property
    def elapsed(self) -> float:
        """The run's age in seconds when its last evaluation finished."""
        return float(self._rows("select coalesce(max(elapsed), 0) from results")[0][0])

    def _insert(self, table: str, row: dict[str, object]) -> None:
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self._connection.execute(f"insert into {table} ({names}) values ({marks})", row)

    def _rows(self, query: str) -> list[sqlite3.Row]:
        try:
            return self._connection.execute(query).fetchall()
        except sqlite3.DatabaseError as problem:
            raise error("E0608", f"{self._where} is damaged", notes=[str(problem)]) from None

    def _read(self, model: type[Model], rows: Iterable[dict[str, object]]) -> list[Model]:
        try:
            return [model.model_validate(row) for row in rows]
        except (ValidationError, ValueError) as problem:
            raise error("E0608", f"{self._where} is damaged", notes=[str(problem).splitlines()[0]]) from None


def newer(path: Path, number: int) -> Exception:
    """The refusal of a format this version does not know (E0603)."""
    return error(
        "E0603",
        f"{path} has format {number}, and this nasdsl reads up to format {FORMAT}",
        helps=["pip install --upgrade nasdsl"],
    )
