"""The picture of a search: one file that stands by itself, for tables of any kind and size."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import torch

from nasdsl.compiler.tables import Row, Table
from nasdsl.relax import folder as own
from nasdsl.relax import history, measures, plots
from nasdsl.relax.history import Epoch
from nasdsl.relax.settings import settings

OPS = ("absent", "identity", "sep_conv(3)", "<script>alert(1)</script>", "a $\\frac{$ b")


def edges(name: str, rows: int, columns: tuple[str, ...] = OPS) -> Table:
    return Table(name, tuple(Row("edge", name, f"n[{i}]", columns, name, i) for i in range(rows)))


def write(folder: Path, tables: list[Table], epochs: int, with_edges: bool = False) -> list[Epoch]:
    """A run's folder, with weights that move away from one another."""
    folder.mkdir(parents=True)
    generator = torch.Generator().manual_seed(0)
    record = own.Record(
        format=1, kind="relax", nasdsl="0", settings=settings(space="x", epochs=50), space="s & <t>", net="search",
        fingerprint="0", genotype="darts", data_sha256="0", threads=1,
    )  # fmt: skip
    (folder / "settings.json").write_text(record.model_dump_json(), encoding="utf-8")
    (folder / "space.nas").touch()
    own.write_tables(folder, tables)
    past: list[Epoch] = []
    for number in range(epochs):
        mixed: dict[str, Any] = {
            t.name: (number * torch.randn(t.shape, generator=generator) / 5).softmax(1) for t in tables
        }
        if with_edges:
            mixed |= {f"{t.name}.edges": torch.rand(t.shape[0], generator=generator) for t in tables}
        found = measures.measured(tables, mixed)
        past.append(
            Epoch(
                epoch=number, train_loss=2.0, train_accuracy=0.5, architecture_loss=None, held_loss=1.0,
                held_accuracy=0.5, learning_rate=0.1, cost=None, entropy=measures.mean_entropy(found), skips=None,
                tables=found, warning="skips take over" if number == 1 else "", seconds=1.0,
            )
        )  # fmt: skip
    history.rewind(folder / own.HISTORY, past)
    return past


@pytest.mark.parametrize(
    ("tables", "epochs", "with_edges"),
    [
        ([edges("normal", 3), edges("reduce", 3)], 3, True),
        ([edges("one", 1, ("a", "b"))], 1, False),
        ([edges(f"net.s[{i}]", 1, ("mb(3)", "mb(5)", "identity")) for i in range(4)], 2, False),
        ([edges("wide", 2, tuple(f"width {i}" for i in range(40)))], 2, False),
        ([], 2, False),
    ],
    ids=["cells", "one", "pooled", "wide", "none"],
)
def test_pictures_stand_by_themselves(tables: list[Table], epochs: int, with_edges: bool, tmp_path: Path) -> None:
    write(tmp_path / "run", tables, epochs, with_edges)
    assert plots.draw(tmp_path / "run")
    png, svg = ((tmp_path / "run" / f"search.{kind}").read_bytes() for kind in ("png", "svg"))
    assert png.startswith(b"\x89PNG")
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    for element in root.iter():
        assert not element.tag.endswith("script")
        for key, value in element.attrib.items():
            if key.endswith("href"):
                assert value.startswith(("#", "data:image/png"))
    assert not list((tmp_path / "run").glob("*.part"))


def test_equal_runs_have_equal_pictures(tmp_path: Path) -> None:
    for name in "ab":
        write(tmp_path / name, [edges("normal", 2)], 2)
        plots.draw(tmp_path / name)
    for picture in own.PICTURES:
        assert (tmp_path / "a" / picture).read_bytes() == (tmp_path / "b" / picture).read_bytes()


def test_nothing_is_drawn_before_the_first_epoch_has_ended(tmp_path: Path) -> None:
    write(tmp_path / "run", [edges("normal", 2)], 0)
    assert not plots.draw(tmp_path / "run")
    assert not (tmp_path / "run" / "search.svg").exists()


def test_tables_of_few_rows_share_a_panel_where_their_columns_are_the_same() -> None:
    lines = {
        name: tuple(own.Line(name=f"{name}.{i}", kind="choice", columns=columns) for i in range(count))
        for name, count, columns in (
            ("cell", 3, ("a", "b")), ("net.s1", 1, ("a", "b")), ("net.s2", 1, ("a", "b")), ("net.s3", 1, ("a", "c")),
        )
    }  # fmt: skip
    found = plots.panels(lines)
    assert [(panel.title, [line.name for line in panel.lines]) for panel in found] == [
        ("cell", ["cell.0", "cell.1", "cell.2"]),
        ("net", ["net.s1.0", "net.s2.0"]),
        ("net.s3", ["net.s3.0"]),
    ]


def test_the_axes_show_what_the_history_says(tmp_path: Path) -> None:
    tables = [edges("normal", 3)]
    past = write(tmp_path / "run", tables, 4)
    made = plots.figure("title", own.read_tables(tmp_path / "run"), past)
    losses, accuracies, entropies, leaders, weights = made.axes
    assert list(losses.lines[0].get_ydata()) == [2.0] * 4
    assert list(accuracies.lines[1].get_ydata()) == [0.5] * 4
    assert list(entropies.lines[2].get_ydata()) == [e.tables["normal"].entropy[2] / math.log(5) for e in past]
    image = leaders.images[0].get_array()
    assert image is not None
    assert image.shape[:2] == (3, 4)
    shades = weights.images[0].get_array()
    assert shades is not None
    last = torch.tensor(past[-1].tables["normal"].weights)
    assert torch.allclose(torch.tensor(shades.data), last.double() / max(0.5, float(last.max())), atol=1e-6)
    # Nothing is outside of the picture, and no two axes cover each other.
    boxes = [axes.get_position() for axes in made.axes]
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_no_state_of_pyplot_is_made() -> None:
    code = (
        "import sys; from nasdsl.relax import plots, folder, history; assert 'matplotlib' not in sys.modules\n"
        "plots.figure('t', {}, [history.Epoch(epoch=0, train_loss=1, train_accuracy=1, architecture_loss=None,"
        " held_loss=1, held_accuracy=1, learning_rate=1, cost=None, entropy=0, skips=None, tables={}, seconds=1)])\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules and 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
