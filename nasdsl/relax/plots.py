"""How a search went, in one picture: entropy and leader of every decision over the epochs, and the last weights.

matplotlib draws it, from what history.jsonl and tables.json say; torch is not needed. Everything has its place in
inches: a layout that is negotiated takes longer, and clips names where it does not converge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasdsl.relax import folder as own
from nasdsl.relax import history
from nasdsl.relax.folder import Line, Lines
from nasdsl.relax.history import Epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that people with any colour vision tell apart (Okabe and Ito), and some more where there are many columns.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#8C5A2B", "#332288", "#999933", "#AA4499",
           "#117733", "#661100", "#DDCC77", "#44AA99", "#88CCEE", "#000000")  # fmt: skip
# What is not there is grey, and a skip is red.
SPECIAL = {"absent": "#DDDDDD", "none": "#BBBBBB", "identity": "#D55E00"}
WARNING = SPECIAL["identity"]
# Larger panels are drawn without numbers, and in part: a picture has to end somewhere.
MOST_ROWS, MOST_PANELS, MOST_COLUMNS, NAMED = 120, 16, 24, 8
# Tables of few rows share a panel where their columns are the same.
FEW = 2
# In inches.
WIDTH, COURSE, ROW, HEAD, FOOT, LEGEND, GAP = 13.0, 2.0, 0.19, 0.32, 0.5, 0.19, 0.3
STYLE: Any = {
    "font.size": 8, "axes.titlesize": 9, "axes.spines.top": False, "axes.spines.right": False, "text.parse_math": False,
    "svg.hashsalt": "nasdsl", "axes.titlelocation": "left", "legend.frameon": False, "legend.fontsize": 7.5,
}  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """Rows of one or several tables that are drawn together: each with its table and its number in that."""

    title: str
    lines: tuple[Line, ...]
    places: tuple[tuple[str, int], ...]

    def cut(self) -> Panel:
        """As many rows as are drawn."""
        more = f" (the first {MOST_ROWS} of {len(self.lines)} rows)" if len(self.lines) > MOST_ROWS else ""
        return Panel(self.title + more, self.lines[:MOST_ROWS], self.places[:MOST_ROWS])

    def leaders(self, epoch: Epoch) -> list[int]:
        return [epoch.tables[table].leaders[index] for table, index in self.places]

    def weights(self, epoch: Epoch) -> list[tuple[float, ...]]:
        return [epoch.tables[table].weights[index] for table, index in self.places]

    def edges(self, epoch: Epoch) -> list[float]:
        found = [(epoch.tables[table].edges, index) for table, index in self.places]
        return [edges[index] for edges, index in found if edges is not None]


def draw(folder: Path) -> bool:
    """Writes search.svg and search.png, each whole or not at all; False where no epoch has ended yet."""
    epochs = history.read(folder / own.HISTORY)
    if not epochs:
        return False
    import matplotlib as mpl

    record, _ = own.read(folder)
    asked = record.settings
    title = f"{record.space}, net {record.net}: {asked.method}, {len(epochs)} of {asked.epochs} epochs"
    with mpl.rc_context(STYLE):
        made = figure(title, own.read_tables(folder), epochs)
        for name in own.PICTURES:
            kind = name.rpartition(".")[2]
            part = folder / f"{name}.part"
            # Without a date equal runs have equal pictures.
            made.savefig(part, format=kind, dpi=110, metadata={"Date": None} if kind == "svg" else None)
            part.replace(folder / name)
    return True


def figure(title: str, tables: Lines, epochs: Sequence[Epoch]) -> Figure:
    """The whole picture, without any state of pyplot."""
    from matplotlib.figure import Figure

    every = panels(tables)
    shown = [panel.cut() for panel in every[:MOST_PANELS]]
    colours = coloured(line for lines in tables.values() for line in lines)
    names = max((len(_cut(line.name, 40)) for panel in shown for line in panel.lines), default=0) * 0.062 + 0.25
    height = 0.75 + COURSE + FOOT + sum(_height(panel) for panel in shown)
    made = Figure(figsize=(WIDTH, height))

    def axes(left: float, top: float, width: float, tall: float) -> Axes:
        return made.add_axes((left / WIDTH, 1 - (top + tall) / height, width / WIDTH, tall / height))

    more = f" ({len(every) - len(shown)} more tables are not shown)" if len(every) > len(shown) else ""
    made.text(0.2 / WIDTH, 1 - 0.26 / height, title + more, fontsize=11, fontweight="bold")
    wide = (WIDTH - 0.8 - 2 * 0.55) / 3
    _course([axes(0.6 + i * (wide + 0.55), 0.7, wide, COURSE) for i in range(3)], tables, epochs)
    top = 0.75 + COURSE + FOOT
    for panel in shown:
        tall, half = ROW * len(panel.lines), (WIDTH - names - 0.2) * 0.42
        _leaders(axes(names, top + HEAD, half, tall), panel, epochs, colours)
        _weights(axes(names + half + GAP, top + HEAD, WIDTH - names - half - GAP - 0.2, tall), panel, epochs[-1])
        top += _height(panel)
    return made


def panels(tables: Lines) -> list[Panel]:
    """Every table of several rows by itself, and those of few rows together where their columns are the same."""
    found: list[Panel] = []
    pooled: dict[tuple[tuple[str, ...], ...], int] = {}
    for name, lines in tables.items():
        places = tuple((name, i) for i in range(len(lines)))
        key = tuple(dict.fromkeys(line.columns for line in lines))
        if len(lines) <= FEW and key in pooled:
            before = found[pooled[key]]
            found[pooled[key]] = Panel("", (*before.lines, *lines), (*before.places, *places))
            continue
        if len(lines) <= FEW:
            pooled[key] = len(found)
        found.append(Panel(name, lines, places))
    return [panel if panel.title else Panel(_together(panel.lines), panel.lines, panel.places) for panel in found]


def coloured(lines: Iterable[Line]) -> dict[str, str]:
    """A colour for every different column, the same in all panels; colours come again where there are very many."""
    columns = dict.fromkeys(column for line in lines for column in line.columns)
    plain = [column for column in columns if column not in SPECIAL]
    return {**SPECIAL, **{column: COLOURS[i % len(COLOURS)] for i, column in enumerate(plain)}}


def _height(panel: Panel) -> float:
    """Of a panel with all that stands around it."""
    legend = LEGEND * math.ceil(min(MOST_COLUMNS, len({c for line in panel.lines for c in line.columns})) / 4)
    heads = max(len(head) for head in _heads(panel.lines)) * 0.03 + 0.3
    return HEAD + ROW * len(panel.lines) + max(FOOT + legend, heads) + 0.1


def _course(three: Sequence[Axes], tables: Lines, epochs: Sequence[Epoch]) -> None:
    """Losses, accuracies, and the entropy of every row, of the most it can be."""
    losses, accuracies, entropies = three
    at = [epoch.epoch + 1 for epoch in epochs]
    line: Any = {"marker": "o" if len(at) < 20 else "", "ms": 3}
    losses.set_title("loss")
    losses.plot(at, [e.train_loss for e in epochs], color=COLOURS[0], label="training images", **line)
    losses.plot(at, [e.held_loss for e in epochs], color=COLOURS[1], label="held-out images", **line)
    accuracies.set_title("accuracy")
    accuracies.plot(at, [e.train_accuracy for e in epochs], color=COLOURS[0], label="training images", **line)
    accuracies.plot(at, [e.held_accuracy for e in epochs], color=COLOURS[1], label="held-out images", **line)
    entropies.set_title("entropy of each decision (1: all alike); thick: means")
    for number, (name, lines) in enumerate(tables.items()):
        colour = COLOURS[number % len(COLOURS)]
        most = [math.log(max(2, len(each.columns))) for each in lines]
        shares = [[e.tables[name].entropy[i] / most[i] for e in epochs] for i in range(len(lines))]
        for share in shares[:MOST_ROWS]:
            entropies.plot(at, share, color=colour, lw=0.5, alpha=0.45)
        means = [sum(column) / len(column) for column in zip(*shares, strict=True)]
        label = _cut(name, 24) if number < NAMED else None
        entropies.plot(at, means, color=colour, lw=2, label=label, **line)
    entropies.set_ylim(-0.03, 1.05)
    for epoch in epochs:
        if epoch.warning:
            entropies.axvline(epoch.epoch + 1, color=WARNING, lw=1, ls="--", label="skips take over")
    for axes in three:
        axes.set_xlabel("epoch")
        axes.grid(visible=True, alpha=0.25, lw=0.5)
        axes.legend()
        axes.set_xlim(at[0] - 0.5, at[-1] + 0.5)
        _whole(axes, len(at))


def _leaders(axes: Axes, panel: Panel, epochs: Sequence[Epoch], colours: Mapping[str, str]) -> None:
    """Which column led each row in each epoch."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    lines, first = panel.lines, epochs[0].epoch
    led = [[line.columns[i] for line, i in zip(lines, panel.leaders(e), strict=True)] for e in epochs]
    grid = [[to_rgb(colours[column]) for column in row] for row in zip(*led, strict=True)]
    extent = (first + 0.5, first + len(epochs) + 0.5, len(lines) - 0.5, -0.5)
    axes.imshow(grid, aspect="auto", interpolation="nearest", extent=extent)
    axes.set_title(f"{panel.title}: what leads each decision")
    axes.set_xlabel("epoch", labelpad=1)
    axes.hlines([i - 0.5 for i in range(1, len(lines))], *axes.get_xlim(), color="white", lw=0.8)
    _whole(axes, len(epochs))
    axes.set_yticks(range(len(lines)), [_cut(line.name, 40) for line in lines], fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)
    among = [c for c in colours if any(c in row for row in led)]
    patches = [Patch(color=colours[column], label=_cut(column, 22)) for column in among[:MOST_COLUMNS]]
    below = (0, -(FOOT - 0.08) / (ROW * len(lines)))
    axes.legend(handles=patches, loc="upper left", bbox_to_anchor=below, ncols=4, borderaxespad=0, borderpad=0,
                handlelength=1, columnspacing=1.2)  # fmt: skip


def _weights(axes: Axes, panel: Panel, last: Epoch) -> None:
    """The weights of every row after the last epoch, and those of its edge."""
    from matplotlib.patches import Rectangle

    rows, edges = panel.weights(last), panel.edges(last)
    columns = max(map(len, rows))
    # Nearly equal weights are to look so; edges have a scale of their own: they add up over a node, and not over a row.
    most = [max(min(1.0, 2.5 / columns), *map(max, rows)), max(1e-9, *edges) if edges else 1.0]
    grid = [[*row, *edges[i : i + 1]] for i, row in enumerate(rows)]
    shades = [[value / most[j >= columns] for j, value in enumerate(row)] for row in grid]
    axes.imshow(shades, aspect="auto", interpolation="nearest", cmap="Blues", vmin=0, vmax=1)
    axes.set_title(f"weights after epoch {last.epoch + 1} (framed: what leads)")
    heads = [*_heads(panel.lines), *(["edge"] if edges else [])]
    many = sum(map(len, heads)) > 60
    axes.set_xticks(range(len(heads)), heads, rotation=25 if many else 0, ha="right" if many else "center", fontsize=7)
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for i, leader in enumerate(panel.leaders(last)):
        axes.add_patch(Rectangle((leader - 0.5, i - 0.5), 1, 1, fill=False, ec="black", lw=1.0, clip_on=False))
    if len(heads) <= MOST_COLUMNS:
        for i, row in enumerate(grid):
            for j, value in enumerate(row):
                dark = "white" if shades[i][j] > 0.6 else "#222222"
                axes.text(j, i, _short(value), ha="center", va="center", fontsize=6.5, color=dark)


def _heads(lines: Sequence[Line]) -> list[str]:
    """What stands below the columns: their texts where all rows have the same, else their numbers."""
    same = all(line.columns == lines[0].columns for line in lines)
    return [_cut(column, 22) if same else f"{number}" for number, column in enumerate(lines[0].columns, start=1)]


def _together(lines: Sequence[Line]) -> str:
    """What the names of all rows begin with."""
    names = [line.name for line in lines]
    common = min(len(_common(a, b)) for a, b in pairwise(names))
    return names[0][:common].rpartition(".")[0] or "single decisions"


def _common(one: str, other: str) -> str:
    length = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def _whole(axes: Axes, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=min(10, max(1, epochs))))


def _cut(text: str, most: int) -> str:
    """The end of a long name tells more than its beginning."""
    return text if len(text) <= most else f"…{text[-(most - 1) :]}"


def _short(value: float) -> str:
    return "0" if value == 0 else f"{value:.2f}".removeprefix("0") if value < 0.995 else f"{value:.2f}"
