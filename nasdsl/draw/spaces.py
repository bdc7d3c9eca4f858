"""The drawing of a space: every declared graph once, with its open choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nasdsl.draw import gather
from nasdsl.draw.canvas import Box, Canvas
from nasdsl.draw.gather import Junction
from nasdsl.draw.read import OpenSpace, Part
from nasdsl.draw.style import GREY, PALETTE, Family, family, markup, plain, titled

SHOWN = 8  # alternatives of a choice before the rest is folded
_NOTE = "dashed: read in some genotypes only; dots gather what may be read"
_TITLES = {"cell": "cell ", "motif": "motif "}


def draw(space: OpenSpace) -> Canvas:
    """A panel for each graph. Choices list their alternatives; lines only some genotypes have are dashed."""
    canvas = Canvas(space.name, _NOTE + ("; or fed back" if any(link.feedback for link in space.links) else ""))
    graphs = {name for part in space.parts.values() for name, kind in part.clusters[:1] if kind in ("cell", "motif")}
    bare = frozenset(name.partition("[")[0] for name in graphs)
    nodes = {part.id: _part(canvas, _inside(canvas.root, part.clusters), part, bare) for part in space.parts.values()}
    ranked = _rank(canvas, space.parts.values(), nodes)
    made, links = gather.junctions(space.links)
    for link in links:
        loose = link.feedback or (link.source in ranked and link.target in ranked)
        level = {"constraint": "false"} if loose else {}
        aside = space.parts[link.target].kind == "tap"
        canvas.edge(nodes[link.source], nodes[link.target], level, dashed=link.open or link.feedback, faint=aside)
    _gather(canvas, space, made, nodes)
    return canvas


def _gather(canvas: Canvas, space: OpenSpace, made: Sequence[Junction], nodes: dict[str, str]) -> None:
    """Draw junctions as dots in the innermost box that holds all they join."""
    dots: list[str] = []
    for junction in made:
        ends = [space.parts[part] for part in (*junction.everything, *junction.targets)]
        box = _inside(canvas.root, _shared([part.clusters for part in ends]))
        names = ", ".join(_title(space.parts[part]) for part in junction.everything)
        look = {"shape": "point", "width": "0.07", "height": "0.07", "color": GREY, "fillcolor": GREY}
        dots.append(canvas.node(box, tooltip=plain(f"any of {names}"), label="", **look))
        sources = [dots[junction.within]] if junction.within is not None else []
        for source in (*sources, *(nodes[part] for part in junction.sources)):
            canvas.edge(source, dots[-1], {"arrowhead": "none"}, dashed=True)
        for target in junction.targets:
            canvas.edge(dots[-1], nodes[target], dashed=True)


def _title(part: Part) -> str:
    """What a value is called: its node's name, or its own."""
    inner = [name for name, kind in part.clusters if kind == "node"]
    return inner[-1] if inner else part.label.partition("\n")[0]


def _shared(paths: Sequence[tuple[tuple[str, str], ...]]) -> tuple[tuple[str, str], ...]:
    """The boxes that all of the paths start with."""
    size = 0
    while all(len(p) > size and p[size] == paths[0][size] for p in paths):
        size += 1
    return paths[0][:size]


def _inside(root: Box, clusters: tuple[tuple[str, str], ...]) -> Box:
    box = root
    for name, kind in clusters:
        look = kind if kind in ("node", "stage") else "panel"
        title, _, small = (_TITLES.get(kind, "") + name).partition(" · ")
        box = box.box((name, kind), title, look, small)
    return box


def _part(canvas: Canvas, box: Box, part: Part, graphs: frozenset[str]) -> str:
    place = ".".join(name for name, _ in part.clusters)
    tooltip = "\n".join(filter(None, (place, part.label, *part.alternatives)))
    title, _, small = part.label.partition("\n")
    if part.kind == "choice":
        return canvas.shape(box, "choice", _choice(part, graphs), tooltip, {"margin": "0.04,0.03"})
    if part.kind in ("input", "port", "out"):
        look = {"shape": "ellipse", "height": "0.24", "margin": "0.06,0.02", "style": "filled"}
        return canvas.shape(box, "port", titled(title, small, size=10), tooltip, look)
    wide = {"width": "1.25"} if part.clusters and part.clusters[-1][1] == "stage" else {}  # room for its title
    fixed: dict[str, Family] = {"merge": "merge", "use": "use"}
    return canvas.shape(
        box, fixed.get(part.kind) or family(title), titled(title, small), tooltip, wide, faint=part.kind == "tap"
    )


def _choice(part: Part, graphs: frozenset[str]) -> str:
    """An HTML-like table: what is chosen, and a coloured cell for each alternative."""
    shown, rest = part.alternatives[:SHOWN], len(part.alternatives) - SHOWN
    if rest == 1:
        shown, rest = part.alternatives, 0
    cells = [_alternative(text, graphs) for text in shown]
    if rest > 0:
        cells.append(f'<td align="left"><font point-size="9" color="{GREY}"><i>+{rest} more</i></font></td>')
    wide = max(map(len, shown), default=0)
    columns = 1 if len(cells) <= 3 or wide > 28 else 2
    if all(len(text) <= 4 for text in shown):
        columns = max(1, min(len(cells), 5))
    lines = [f'<tr><td align="left" balign="left" colspan="{columns}">{_head(part.label)}</td></tr>']
    lines += ["<tr>" + "".join(cells[i : i + columns]) + "</tr>" for i in range(0, len(cells), columns)]
    return f'<<table border="0" cellborder="0" cellspacing="2" cellpadding="2">{"".join(lines)}</table>>'


def _head(label: str) -> str:
    title, _, small = label.partition("\n")
    text = f'<font point-size="9" color="{GREY}"><b>{markup(title) or " "}</b></font>'
    return text + (f'<br/><font point-size="8" color="{GREY}">{markup(small, 60)}</font>' if small else "")


def _alternative(text: str, graphs: frozenset[str]) -> str:
    is_use = re.split(r"[(\[]", text, maxsplit=1)[0] in graphs
    paint = PALETTE["use" if is_use else family(text)]
    label = f'<font point-size="9" color="{paint.text}">{markup(text, 36) or " "}</font>'
    return f'<td align="left" bgcolor="{paint.fill}" style="rounded">{label}</td>'


def _rank(canvas: Canvas, parts: Iterable[Part], nodes: dict[str, str]) -> set[str]:
    """Put the parts of one graph, role and level on one rank, the coarsest level on top; return those parts."""
    rows: dict[tuple[tuple[tuple[str, str], ...], str], dict[int, list[str]]] = {}
    for part in parts:
        if part.level is not None:
            rows.setdefault((part.clusters, part.kind), {}).setdefault(part.level, []).append(part.id)
    for (clusters, _), levels in rows.items():
        box = _inside(canvas.root, clusters)
        above = ""
        for level in sorted(levels, reverse=True):
            row = [nodes[part] for part in levels[level]]
            box.row(row)
            if above:
                canvas.order(above, row[0], weight="20")
            above = row[0]
    return {part for levels in rows.values() for row in levels.values() for part in row}
