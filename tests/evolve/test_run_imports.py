"""A run keeps what its space imports: it goes on when those files have changed or gone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from nasdsl.cli import program
from nasdsl.compiler import load
from nasdsl.diagnostics import NasdslError
from nasdsl.evolve import run
from nasdsl.evolve.history import Line, history
from nasdsl.evolve.store import Store

ROOT = """
use "../common/ops.nas" (candidates)
use vision (conv_bn, classifier)
use halving (halved)

cell tiny(x) {
  node n[4] {
    from  pick 1 of earlier
    op    one of candidates
    merge add
  }
  node h { from n[3]; op halved }
  out h
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { tiny; tiny }
  head  classifier(10)
}
"""
COMMON = """
use vision (max_pool, identity)
use "more/layers.nas" (layer)
ops candidates = [layer, max_pool(3), identity]
"""
LAYERS = "use vision (conv_bn_relu)\nlet kernel = 1 | 3\nblock layer { conv_bn_relu(kernel) }\n"
PLUGIN = """
from nasdsl.ops.primitive import Primitive
OPERATIONS = {"halving": [Primitive("halved", "x / 2", lambda i, a: i[0], lambda i, o, a: lambda x: x / 2)]}
"""


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with imports beside and above it, and a plug-in in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, text in {
        "spaces/tiny.nas": ROOT, "common/ops.nas": COMMON, "common/more/layers.nas": LAYERS, "halving_ops.py": PLUGIN,
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "spaces" / "tiny.nas"


def started(space: Path) -> run.Summary:
    asked = run.settings(space=str(space), budget=24, population=8, seed=3, workers=1, ops=("halving_ops",))
    return run.start(asked, evaluator="fakes:reading")


def lines(folder: Path) -> tuple[Line, ...]:
    with Store.open(folder / "run.sqlite") as store:
        proposals, results = store.proposals(), store.results()
        return history(proposals, [results[n] for n in sorted(results)])


def cut(folder: Path, told: int) -> None:
    """As if it had been stopped after so many candidates."""
    with closing(sqlite3.connect(folder / "run.sqlite")) as connection, connection:
        for table in ("ending", "finals"):
            connection.execute(f"delete from {table}")
        for table in ("results", "proposals"):
            connection.execute(f"delete from {table} where n >= ?", (told,))


def test_a_run_goes_on_without_the_files_it_began_with(space: Path) -> None:
    whole = started(space)
    assert (whole.ending, whole.failures) == ("finished", 0)
    folder = whole.folder
    assert sorted(p.name for p in (folder / "imports").iterdir()) == ["layers.nas", "ops_.nas"]
    before = lines(folder)
    genotype = run.best(folder).text("best")
    shutil.rmtree(space.parent)
    (space.parent.parent / "common" / "ops.nas").write_text("ops candidates = []\n", encoding="utf-8")
    cut(folder, 12)
    assert run.resume(folder).ending == "finished"
    assert lines(folder) == before
    assert run.best(folder).text("best") == genotype
    assert "layers.kernel = " in genotype


def test_every_command_reads_the_folder(space: Path) -> None:
    """best.nas is a file like any other, beside the imports it names."""
    folder = started(space).folder
    shutil.rmtree(space.parent)
    shutil.rmtree(space.parent.parent / "common")
    best = load.load(folder / "best.nas", ops=["halving_ops"])
    assert best.point("best").code == run.best(folder).code
    for arguments in (["render", str(folder), "--best"], ["render", str(folder)], ["show", str(folder)]):
        result = CliRunner().invoke(program, arguments, prog_name="nasdsl")
        assert result.exit_code == 0, result.output
    asked = CliRunner().invoke(program, ["check", str(folder / "best.nas"), "--ops", "halving_ops"], prog_name="nasdsl")
    assert (asked.exit_code, asked.output) == (0, "")
    given = CliRunner().invoke(program, ["render", str(folder), "--ops", "halving_ops"], prog_name="nasdsl")
    assert given.exit_code == 2


def test_a_run_names_its_plug_ins(space: Path) -> None:
    folder = started(space).folder
    held = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    assert held["settings"]["ops"] == ["halving_ops"]
    held["settings"]["ops"] = ["no_such_plugin"]
    (folder / "settings.json").write_text(json.dumps(held), encoding="utf-8")
    cut(folder, 12)
    with pytest.raises(NasdslError, match="E0280"):
        run.resume(folder)
