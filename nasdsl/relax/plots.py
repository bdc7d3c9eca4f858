"""How a search went, in one picture: entropy and leader of every decision over the epochs, and the last weights.

matplotlib draws it, from what history.jsonl and tables.json say; torch is not needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasdsl.relax import folder as own
from nasdsl.relax import history
from nasdsl.relax.folder import Line
from nasdsl.relax.history import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

ABSENT, SKIP = "absent", "identity"
# Colours that people with any colour vision tell apart (Okabe and Ito); a skip is red, and what is absent grey.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#8C5A2B", "#332288", "#999933", "#88CCEE",
           "#AA4499", "#117733", "#661100", "#DDCC77", "#44AA99", "#000000")  # fmt: skip
SPECIAL = {ABSENT: "#DDDDDD", SKIP: "#D55E00"}
# Larger tables are drawn without names, and in part; pictures have to end somewhere.
NAMED, MOST_ROWS, MOST_TABLES, MOST_COLUMNS = 64, 400, 12, 24
ROW, WIDTH, TOP = 0.19, 13.0, 2.9
STYLE: Any = {
    "font.size": 8, "axes.titlesize": 9, "axes.spines.top": False, "axes.spines.right": False, "text.parse_math": False,
    "svg.hashsalt": "nasdsl", "axes.titlelocation": "left", "legend.frameon": False, "legend.fontsize": 7.5,
}  # fmt: skip


def draw(folder: Path) -> bool:
    """Writes search.svg and search.png, each whole or not at all; False where no epoch has ended yet."""
    epochs = history.read(folder / own.HISTORY)
    if not epochs:
        return False
    import matplotlib as mpl

    record, _ = own.read(folder)
    title = (
        f"{record.space}, net {record.net}: {record.settings.method}, {len(epochs)} of {record.settings.epochs} epochs"
    )
    with mpl.rc_context(STYLE):
        made = figure(title, own.read_tables(folder), epochs)
        # Laid out once for both.
        made.draw_without_rendering()
        made.set_layout_engine("none")
        for name in own.PICTURES:
            kind = name.rpartition(".")[2]
            part = folder / f"{name}.part"
            # Without a date equal runs have equal pictures.
            made.savefig(part, format=kind, dpi=110, metadata={"Date": None} if kind == "svg" else None)
            part.replace(folder / name)
    return True


def figure(title: str, tables: own.Lines, epochs: Sequence[Epoch]) -> Figure:
    """The whole picture, without any state of pyplot."""
    from matplotlib.figure import Figure

    shown = [name for name in tables if tables[name]][:MOST_TABLES]
    heights = [TOP, *(1.3 + ROW * _rows(tables[name]) for name in shown)]
    made = Figure(figsize=(WIDTH, sum(heights) + 0.5), layout="constrained")
    left_out = f" ({len(tables) - len(shown)} more tables are not shown)" if len(tables) > len(shown) else ""
    made.suptitle(title + left_out, x=0.01, ha="left", fontsize=11, fontweight="bold")
    parts = made.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    _course(parts[0], tables, epochs)
    for name, part in zip(shown, parts[1:], strict=True):
        _table(part, name, tables[name][:MOST_ROWS], epochs)
    return made


def _rows(lines: Sequence[Line]) -> int:
    """How many rows a table is drawn as high as."""
    return max(4, min(len(lines), MOST_ROWS))


def _course(part: SubFigure, tables: own.Lines, epochs: Sequence[Epoch]) -> None:
    """Losses, accuracies, and the entropy of every row, of the most it can be."""
    losses, accuracies, entropies = part.subplots(1, 3)
    at = [epoch.epoch + 1 for epoch in epochs]
    mark = "o" if len(at) < 20 else ""
    losses.set_title("loss")
    losses.plot(at, [e.train_loss for e in epochs], marker=mark, ms=3, color=COLOURS[0], label="training half")
    losses.plot(at, [e.held_loss for e in epochs], marker=mark, ms=3, color=COLOURS[1], label="held-out half")
    accuracies.set_title("accuracy")
    accuracies.plot(at, [e.train_accuracy for e in epochs], marker=mark, ms=3, color=COLOURS[0], label="training half")
    accuracies.plot(at, [e.held_accuracy for e in epochs], marker=mark, ms=3, color=COLOURS[1], label="held-out half")
    entropies.set_title("entropy of each decision (1: all alike); thick: means")
    for number, (name, lines) in enumerate(tables.items()):
        colour = COLOURS[number % len(COLOURS)]
        most = [math.log(max(2, len(line.columns))) for line in lines]
        shares = [[e.tables[name].entropy[i] / most[i] for e in epochs] for i in range(len(lines))]
        for share in shares[:MOST_ROWS]:
            entropies.plot(at, share, color=colour, lw=0.5, alpha=0.45)
        means = [sum(column) / len(column) for column in zip(*shares, strict=True)]
        entropies.plot(at, means, color=colour, lw=2, marker=mark, ms=3, label=name if number < MOST_TABLES else None)
    entropies.set_ylim(-0.03, 1.05)
    for epoch in epochs:
        if epoch.warning:
            entropies.axvline(epoch.epoch + 1, color=SPECIAL[SKIP], lw=1, ls="--", label="skips take over")
    for axes in (losses, accuracies, entropies):
        axes.set_xlabel("epoch")
        axes.grid(visible=True, alpha=0.25, lw=0.5)
        axes.legend()
        axes.set_xlim(at[0] - 0.5, at[-1] + 0.5)
        _whole(axes, len(at))


def _table(part: SubFigure, name: str, lines: Sequence[Line], epochs: Sequence[Epoch]) -> None:
    """Which column led each row in each epoch, and the weights in the last."""
    leaders, weights = part.subplots(1, 2, width_ratios=(1, 1.15))
    _leaders(leaders, name, lines, epochs)
    _weights(weights, name, lines, epochs[-1])


def _leaders(axes: Axes, name: str, lines: Sequence[Line], epochs: Sequence[Epoch]) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    colours = dict(_coloured(lines))
    first = epochs[0].epoch
    grid = [[to_rgb(colours[line.columns[e.tables[name].leaders[i]]]) for e in epochs] for i, line in enumerate(lines)]
    extent = (first + 0.5, first + len(epochs) + 0.5, len(lines) - 0.5, -0.5)
    axes.imshow(grid, aspect="auto", interpolation="nearest", extent=extent)
    axes.set_title(f"{name}: what leads each decision")
    axes.set_xlabel("epoch")
    axes.hlines([i - 0.5 for i in range(1, len(lines))], *axes.get_xlim(), color="white", lw=0.8)
    _whole(axes, len(epochs))
    _names(axes, lines)
    among = {line.columns[e.tables[name].leaders[i]] for e in epochs for i, line in enumerate(lines)}
    patches = [Patch(color=colour, label=column) for column, colour in colours.items() if column in among]
    below = (0, -0.02 - 0.62 / (ROW * _rows(lines)))
    axes.legend(handles=patches[:MOST_COLUMNS], loc="lower left", bbox_to_anchor=below, ncols=4, borderaxespad=0,
                handlelength=1, columnspacing=1.2)  # fmt: skip


def _weights(axes: Axes, name: str, lines: Sequence[Line], last: Epoch) -> None:
    found = last.tables[name]
    grid = [list(row) + ([found.edges[i]] if found.edges else []) for i, row in enumerate(found.weights[: len(lines)])]
    # Edges have a scale of their own: theirs add up over a node, and not over a row.
    most = [max(1e-9, *(max(row) for row in found.weights)), max(1e-9, *(found.edges or (0.0,)))]
    shades = [[value / most[j >= len(found.weights[0])] for j, value in enumerate(row)] for row in grid]
    axes.imshow(shades, aspect="auto", interpolation="nearest", cmap="Blues", vmin=0, vmax=1)
    axes.set_title(f"{name}: weights after epoch {last.epoch + 1} (framed: what leads)")
    columns = _heads(lines) + (["edge"] if found.edges else [])
    many = len(columns) > 5
    axes.set_xticks(range(len(columns)), columns, rotation=25 if many else 0, ha="right" if many else "center")
    axes.tick_params(length=0)
    _names(axes, lines)
    _frames(axes, found.leaders[: len(lines)])
    if len(columns) <= MOST_COLUMNS and len(lines) <= NAMED:
        for i, row in enumerate(grid):
            for j, value in enumerate(row):
                dark = "white" if shades[i][j] > 0.6 else "#222222"
                axes.text(j, i, _short(value), ha="center", va="center", fontsize=6.5, color=dark)


def _frames(axes: Axes, leaders: Sequence[int]) -> None:
    from matplotlib.patches import Rectangle

    for i, leader in enumerate(leaders):
        axes.add_patch(Rectangle((leader - 0.5, i - 0.5), 1, 1, fill=False, ec="black", lw=1.0))


def _coloured(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Every different column of a table with its colour."""
    columns = dict.fromkeys(column for line in lines for column in line.columns)
    plain = 0
    for column in columns:
        yield column, SPECIAL.get(column) or COLOURS[plain % len(COLOURS)]
        plain += column not in SPECIAL


def _heads(lines: Sequence[Line]) -> list[str]:
    """What stands below the columns: their texts where all rows have the same, else their numbers."""
    same = all(line.columns == lines[0].columns for line in lines)
    return [_cut(column, 18) if same else f"{number}" for number, column in enumerate(lines[0].columns, start=1)]


def _names(axes: Axes, lines: Sequence[Line]) -> None:
    if len(lines) <= NAMED:
        axes.set_yticks(range(len(lines)), [_cut(line.name, 34) for line in lines], fontsize=7)
    else:
        axes.set_ylabel(f"{len(lines)} decisions")
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)


def _whole(axes: Axes, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=min(10, max(1, epochs))))


def _cut(text: str, most: int) -> str:
    """The end of a long name tells more than its beginning."""
    return text if len(text) <= most else f"…{text[-(most - 1) :]}"


def _short(value: float) -> str:
    return "0" if value == 0 else f"{value:.2f}".removeprefix("0") if value < 0.995 else f"{value:.2f}"
