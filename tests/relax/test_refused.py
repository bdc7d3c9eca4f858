"""Runs that are loaded without running anything, and mistakes that are told before or instead of a search."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve import folder as folders
from nasdsl.evolve import run as evolution
from nasdsl.relax import checkpoint, history, loaded, run
from nasdsl.relax import folder as own

from .runs import POOLS, SPACE, asked, inside, refused, spoilt, undrawn


@pytest.fixture(scope="module", autouse=True)
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with inside(tmp_path_factory.mktemp("relaxed")) as where:
        yield where


@pytest.fixture(scope="module", autouse=True)
def whole(there: Path) -> Iterator[run.Summary]:
    """A finished run."""
    with undrawn():
        yield run.start(asked(), name="whole")


def test_a_supernet_is_loaded_as_it_was_left(whole: run.Summary) -> None:
    found = loaded.load(whole.folder)
    kept = checkpoint.load(whole.folder, torch.device("cpu"))
    assert kept is not None
    supernet = found.supernet.state_dict()
    assert supernet.keys() == kept["search"]["supernet"].keys()
    assert all(torch.equal(value, kept["search"]["supernet"][name]) for name, value in supernet.items())
    assert torch.equal(found.architecture["tiny"], kept["search"]["architecture"]["tiny"])
    assert found.method.name == "darts"
    assert found.method.genotype(found.search).text("darts") in whole.genotype
    assert not found.supernet.training


class Evil:
    def __reduce__(self) -> Any:
        return Path.write_text, (Path("ran"), "code of a checkpoint ran")


def test_nothing_in_a_checkpoint_is_run(whole: run.Summary) -> None:
    def evil(folder: Path) -> None:
        (folder / checkpoint.NAME).write_bytes(pickle.dumps(Evil()))

    folder = spoilt(whole, "evil", evil)
    for action in (run.resume, loaded.load):
        assert refused(action, folder).code == "E0913"

    def zipped(folder: Path) -> None:
        torch.save({"format": 1, "epoch": Evil()}, folder / checkpoint.NAME)

    assert refused(run.resume, spoilt(whole, "zipped", zipped)).code == "E0913"
    assert not Path("ran").exists()


def cut(folder: Path) -> None:
    data = (folder / checkpoint.NAME).read_bytes()
    (folder / checkpoint.NAME).write_bytes(data[: len(data) // 2])


def other(**changes: Any) -> Any:
    def change(folder: Path) -> None:
        held = torch.load(folder / checkpoint.NAME, weights_only=True)
        torch.save({**held, **changes}, folder / checkpoint.NAME)

    return change


def forgetful(folder: Path) -> None:
    (folder / own.HISTORY).write_text("", encoding="utf-8")
    other(epoch=2)(folder)


@pytest.mark.parametrize(
    ("name", "harm", "code"),
    [
        ("cut", cut, "E0913"),
        ("newer", other(format=9), "E0603"),
        ("epochless", other(epoch=None), "E0913"),
        ("weightless", other(epoch=2, search={}), "E0913"),
        ("methodless", other(epoch=2, method={"x": 1}), "E0913"),
        ("forgetful", forgetful, "E0913"),
        ("list", lambda folder: torch.save([1], folder / checkpoint.NAME), "E0913"),
    ],
)
def test_a_damaged_checkpoint_is_named(name: str, harm: Any, code: str, whole: run.Summary) -> None:
    assert refused(run.resume, spoilt(whole, name, harm)).code == code


def test_a_line_that_was_cut_off_is_no_harm(whole: run.Summary) -> None:
    def half(folder: Path) -> None:
        with (folder / own.HISTORY).open("a", encoding="utf-8") as file:
            file.write('{"epoch": 4, "train_')

    folder = spoilt(whole, "half", half)
    assert run.show(folder).done == 4
    assert len(history.read(folder / own.HISTORY)) == 4

    def broken(folder: Path) -> None:
        (folder / own.HISTORY).write_text("{}\n", encoding="utf-8")

    assert refused(run.show, spoilt(whole, "broken", broken)).code == "E0913"


def test_runs_of_both_kinds_are_told_apart(whole: run.Summary, tmp_path: Path) -> None:
    assert own.relaxed(whole.folder)
    assert not own.relaxed(tmp_path)
    diagnostic = refused(evolution.resume, whole.folder)
    assert diagnostic.code == "E0601"
    assert "`nasdsl relax` made it" in diagnostic.message
    assert whole.folder in [summary.folder for summary in run.list_runs()]


def test_another_process_at_work(whole: run.Summary) -> None:
    with folders.locked(whole.folder):
        assert refused(run.resume, whole.folder).code == "E0602"


def test_data_that_changed(whole: run.Summary) -> None:
    def change(folder: Path) -> None:
        text = (folder / "settings.json").read_text(encoding="utf-8")
        held = json.loads(text)
        held["data_sha256"] = "0" * 64
        (folder / "settings.json").write_text(json.dumps(held), encoding="utf-8")
        other(epoch=2)(folder)

    assert refused(run.resume, spoilt(whole, "changed", change)).code == "E0606"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"method": "dart"}, "E0906", "there is no method `dart`"),
        (
            {"method_settings": {"lr": -1.0}},
            "E0911",
            "the setting `lr` of `darts` is -1.0, and should be greater than 0",
        ),
        ({"method_settings": {"oder": 2}}, "E0911", "`darts` has no setting `oder`"),
        ({"device": "cuda:7"}, "E0934", "this machine has no device `cuda:7`"),
    ],
)
def test_what_cannot_be_begun_leaves_no_folder(more: dict[str, Any], code: str, said: str, tmp_path: Path) -> None:
    diagnostic = refused(run.start, asked(**more), None, tmp_path / "runs")
    assert (diagnostic.code, diagnostic.message) == (code, said)
    assert not (tmp_path / "runs").exists()


def test_a_space_without_weights(tmp_path: Path) -> None:
    Path("pools.nas").write_text(POOLS, encoding="utf-8")
    rng = np.random.default_rng(0)
    arrays = {f"x_{split}": rng.integers(0, 255, (20, 8, 8, 2)).astype(np.uint8) for split in ("train", "test")}
    np.savez("two.npz", **arrays, y_train=np.arange(20) % 2, y_test=np.arange(20) % 2)
    diagnostic = refused(run.start, asked(space="pools.nas", data="two.npz"), None, tmp_path / "runs")
    assert diagnostic.code == "E0917"


def test_a_method_in_stages_whose_decisions_change() -> None:
    Path("grown.nas").write_text(SPACE.replace("cell", "param N = 2\n\ncell").replace("n[2]", "n[N]"), encoding="utf-8")
    stages = {"keep": [5, 4], "stages": [{"N": 2}, {"N": 3}]}
    wanted = asked(space="grown.nas", method="p-darts", method_settings=stages, epochs=2)
    diagnostic = refused(run.start, wanted)
    assert diagnostic.code == "E0918"
    assert diagnostic.message == "`p-darts` sets N = 3, and `grown` decides something else then"


def test_settings_name_every_mistake() -> None:
    with pytest.raises(NasdslError) as raised:
        run.settings(space="x", epochs=0, batsh=3)
    messages = [each.message for each in raised.value.diagnostics]
    assert messages == [
        "the setting `epochs` is 0, and should be greater than or equal to 1",
        "there is no setting `batsh`",
    ]
    assert raised.value.diagnostics[1].helps == ("did you mean `batch`?",)


def test_a_latency_without_a_table(tmp_path: Path) -> None:
    diagnostic = refused(run.start, asked(target="latency=1ms"), None, tmp_path / "runs")
    assert diagnostic.code == "E0935"
    assert not (tmp_path / "runs").exists()
