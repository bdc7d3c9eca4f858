"""Whole runs in real processes, on a real space with an evaluator that is a pure function."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from test_executors import gone

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve import folder as folders
from nasdsl.evolve import run
from nasdsl.evolve.history import Line, history
from nasdsl.evolve.store import FORMAT, Store

SPACE = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)

cell tiny(x) {
  node n[6] {
    from  pick 1 of earlier
    op    one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity]
    merge add
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { tiny; tiny }
  head  classifier(10)
}
"""
PURE = "fakes:pure"
START = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from nasdsl.evolve import run
asked = run.settings(space={space!r}, budget=60, population=12, seed=3, workers=2)
summary = run.start(asked, root=Path({root!r}), evaluator={evaluator!r})
print(summary.ending)
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spaces") / "tiny.nas"
    path.write_text(SPACE, encoding="utf-8")
    return path


def asked(space: Path, **more: object) -> run.RunSettings:
    return run.settings(space=str(space), **{"budget": 60, "population": 12, "seed": 3, "workers": 1, **more})


def lines(folder: Path) -> tuple[Line, ...]:
    with Store.open(folder / "run.sqlite") as store:
        proposals, results = store.proposals(), store.results()
        return history(proposals, [results[n] for n in sorted(results)])


@pytest.fixture(scope="module")
def uninterrupted(space: Path, tmp_path_factory: pytest.TempPathFactory) -> run.Summary:
    return run.start(asked(space), root=tmp_path_factory.mktemp("runs"), evaluator=PURE)


def launch(space: Path, root: Path) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    paths = [str(here), str(here.parent.parent)]
    code = START.format(paths=paths, space=str(space), root=str(root), evaluator=PURE)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def finished(folder: Path) -> int:
    if not (folder / "run.sqlite").exists():
        return 0
    try:
        with closing(sqlite3.connect(folder / "run.sqlite")) as connection:
            return int(connection.execute("select count(*) from results").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_leaves_a_folder_that_tells_all(uninterrupted: run.Summary, space: Path) -> None:
    folder = uninterrupted.folder
    assert folder.name == "tiny-aging-1"
    assert (uninterrupted.ending, uninterrupted.done) == ("finished", 60)
    assert [row.score for row in uninterrupted.best] == sorted((row.score for row in uninterrupted.best), reverse=True)
    assert all(row.test == pytest.approx(row.score - 0.01) for row in uninterrupted.best)
    assert len(uninterrupted.best) == 5
    assert {path.name for path in uninterrupted.files} == {"best.nas", "best.svg"}
    assert (folder / "space.nas").read_text(encoding="utf-8") == SPACE
    assert json.loads((folder / "settings.json").read_text())["settings"]["sample"] == 3
    assert run.show(folder) == uninterrupted
    assert run.list_runs(folder.parent) == (uninterrupted,)
    assert run.best(folder).code == uninterrupted.best[0].code
    assert run.best(folder) == run.space(folder).from_rank_text(uninterrupted.best[0].code)
    from nasdsl.compiler import load

    assert load.load(folder / "best.nas").point("best").code == uninterrupted.best[0].code


def test_two_workers_give_the_same_history(uninterrupted: run.Summary, space: Path, tmp_path: Path) -> None:
    other = run.start(asked(space, workers=2), root=tmp_path, evaluator=PURE)
    assert lines(other.folder) == lines(uninterrupted.folder)


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_goes_on_as_if_never_stopped(
    seed: int, uninterrupted: run.Summary, space: Path, tmp_path: Path
) -> None:
    folder, moment = tmp_path / "tiny-aging-1", random.Random(seed).randrange(1, 55)
    with launch(space, tmp_path) as process:
        until(lambda: process.poll() is not None or finished(folder) >= moment)
        workers = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    kept = finished(folder)
    until(lambda: all(map(gone, workers)), seconds=1.0)
    assert workers
    assert kept >= moment
    assert run.show(folder).ending == "interrupted"
    summary = run.resume(folder, workers=1 + seed)
    assert summary.ending == "finished"
    assert lines(folder) == lines(uninterrupted.folder)


def test_an_interrupt_stops_cleanly(uninterrupted: run.Summary, space: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny-aging-1"
    with launch(space, tmp_path) as process:
        until(lambda: process.poll() is not None or finished(folder) >= 5)
        os.kill(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    assert said.strip() == "interrupted"
    assert finished(folder) < 60
    assert run.resume(folder).done == 60
    assert lines(folder) == lines(uninterrupted.folder)


def test_a_run_another_process_works_on_is_refused(space: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny-aging-1"
    with launch(space, tmp_path) as process:
        until(lambda: process.poll() is not None or finished(folder) >= 1)
        with pytest.raises(NasdslError, match="E0602: another process works on"):
            run.resume(folder)
        assert run.show(folder).ending == "interrupted"
        process.kill()
    with folders.locked(folder):
        pass


def test_a_finished_run_is_only_shown(uninterrupted: run.Summary) -> None:
    assert run.resume(uninterrupted.folder) == uninterrupted


def copied(uninterrupted: run.Summary, to: Path) -> Path:
    to.mkdir()
    for path in uninterrupted.folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


def test_newer_formats_are_refused_by_number(uninterrupted: run.Summary, tmp_path: Path) -> None:
    store, record = copied(uninterrupted, tmp_path / "store"), copied(uninterrupted, tmp_path / "record")
    with closing(sqlite3.connect(store / "run.sqlite")) as connection:
        connection.execute(f"pragma user_version = {FORMAT + 1}")
    settings = record / "settings.json"
    settings.write_text(settings.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'))
    for folder in (store, record):
        with pytest.raises(NasdslError, match=f"E0603: .* has format {FORMAT + 1}"):
            run.resume(folder)


def test_what_is_no_run_is_refused(uninterrupted: run.Summary, tmp_path: Path) -> None:
    empty, text, other = (
        tmp_path / "empty",
        copied(uninterrupted, tmp_path / "a"),
        copied(uninterrupted, tmp_path / "b"),
    )
    empty.mkdir()
    (text / "run.sqlite").write_text("not a database, but long enough to be looked at as one\n" * 50)
    (other / "settings.json").write_text('{"format": 1, "settings": {}}')
    for folder in (empty, tmp_path / "nowhere", text, other):
        with pytest.raises(NasdslError, match="E0601"):
            run.resume(folder)
    assert run.list_runs(empty) == ()


def test_a_damaged_store_is_refused(uninterrupted: run.Summary, tmp_path: Path) -> None:
    lost, odd = copied(uninterrupted, tmp_path / "lost"), copied(uninterrupted, tmp_path / "odd")
    for folder, damage in ((lost, "drop table results"), (odd, "update proposals set macs = 'many' where n = 3")):
        with closing(sqlite3.connect(folder / "run.sqlite")) as connection, connection:
            connection.execute(damage)
        with pytest.raises(NasdslError, match="E0608: .*run.sqlite is damaged"):
            run.show(folder)


def test_other_data_than_the_run_began_with_is_refused(uninterrupted: run.Summary, tmp_path: Path) -> None:
    folder = copied(uninterrupted, tmp_path / "run")
    with closing(sqlite3.connect(folder / "run.sqlite")) as connection, connection:
        connection.execute("delete from ending")
    settings = folder / "settings.json"
    held = json.loads(settings.read_text())
    settings.write_text(json.dumps(held | {"data_sha256": "0" * 64}))
    with pytest.raises(NasdslError, match="E0606: the embedded data set is not what the run was started with"):
        run.resume(folder)


def test_settings_are_checked_all_at_once() -> None:
    with pytest.raises(NasdslError) as caught:
        run.settings(space="tiny", budgte=3, population=-1, device="tpu")
    messages = [each.message for each in caught.value.diagnostics]
    assert "there is no setting `budgte`" in messages
    assert "the setting `population` is -1, and should be greater than or equal to 1" in messages
    assert "the setting `device` is 'tpu', and should be cpu, cuda, cuda:0 or mps" in messages
    with pytest.raises(NasdslError, match="9 workers are more than the 8 candidates in flight"):
        run.settings(space="tiny", workers=9)


def test_a_run_keeps_its_mutation_and_its_crossover(space: Path, tmp_path: Path) -> None:
    more: dict[str, object] = {"mutation": "regularized", "crossover": 0.4, "crossing": "subtree"}
    one, other = (run.start(asked(space, **more), root=tmp_path / name, evaluator=PURE) for name in "ab")
    assert lines(one.folder) == lines(other.folder)
    stored = json.loads((one.folder / "settings.json").read_text())["settings"]
    assert {key: stored[key] for key in more} == more
    assert {len(line[1]) for line in lines(one.folder)} == {0, 1, 2}
    with Store.open(one.folder / "run.sqlite") as store:
        made = run.space(one.folder)
        for proposal in (p for p in store.proposals() if len(p.parents) == 1):
            parent = made.from_rank_text(store.proposals()[proposal.parents[0]].code)
            child = made.from_rank_text(proposal.code)
            assert sum(a != b for a, b in zip(parent.values, child.values, strict=True)) == 1


def test_a_mutation_that_does_not_suit_the_space_is_said_before_the_run(space: Path, tmp_path: Path) -> None:
    with pytest.raises(NasdslError, match="E0521: `tiny` has no motifs"):
        run.start(asked(space, mutation="hierarchical"), root=tmp_path / "runs", evaluator=PURE)
    assert not (tmp_path / "runs").exists()


def test_a_parent_in_which_a_mutation_finds_nothing_is_replaced_by_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "short.nas"
    node = "node n[1..5] { from pick 1 of earlier; op identity }"
    path.write_text(
        f"use vision (conv_bn, identity, classifier)\ncell f(x) {{ {node}; out last(n) }}\nnet search {{\n"
        "  input image(3, 32, 32)\n  stem conv_bn(3, width = 4)\n  stage (width = 4) { f; conv_bn(3) }\n"
        "  head classifier(10)\n}\n",
        encoding="utf-8",
    )
    made = run.start(asked(path, mutation="regularized", budget=6, population=2), root=tmp_path, evaluator=PURE)
    assert made.ending in ("finished", "exhausted")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mutation": "regular"}, "`mutation` is 'regular', and should be any, regularized, hierarchical or a probab"),
        ({"mutation": 2.0}, "`mutation` is 2.0, and should be any"),
        ({"crossover": 1.5}, "`crossover` is 1.5, and should be less than or equal to 1"),
        ({"crossing": "one"}, "`crossing` is 'one', and should be 'uniform' or 'subtree'"),
    ],
)
def test_settings_of_variation_are_checked(given: dict[str, object], message: str) -> None:
    with pytest.raises(NasdslError, match=f"E0604: the setting {message}"):
        run.settings(space="darts", **given)
