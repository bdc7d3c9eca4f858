"""Names of users never become dot, markup or script, and the same graph gives the same bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from nasdsl import draw
from nasdsl.compiler.network import Scope
from nasdsl.ops.primitive import Shape

from . import graphs  # noqa: TID252 - the tests are no installed package

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    '"]; evil [label="x',
    "<script>alert(1)</script>",
    "<<b>bold</b>>",
    "</font>> ]; evil [label=<",
    "back\\",
    "\\N\\G\\L\\n",
    "&lt;script&gt; & &amp;",
    'a\\"b',
    "]]><!-- -->",
    "nul\x00 bell\x07 esc\x1b",
    "two\nlines\r\nthree",
    "right\u202eto left",
    "}",
    "<>",
    "",
    "x" * 5000,
    "naïve ∑ 卷积",
    "\ud800",
    "' onload='alert(1)",
]


def space_of(name: str) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(name=name, kind=name)
    place = {"cluster": (name, name), "cluster_kinds": ("cell", "node"), "level": None}
    graph.add_node(name, kind="port", label=name, alternatives=(), **place)
    graph.add_node(name + "2", kind="choice", label=name, alternatives=(name,) * 2, **place)
    graph.add_node(name + "3", kind="use", label=name, alternatives=(), **place)
    graph.add_edge(name, name + "2", open=True, port=0)
    return graph


def genotype_of(name: str) -> nx.MultiDiGraph:
    make = graphs.Maker(name)
    image = make.op(name, [], [Scope("net", name, name)], Shape(3, (4, 4)))
    scopes = [Scope("net", name, name), Scope("graph", name, name), Scope("node", name, name)]
    return make.finish((None, make.block(name, image, scopes, name, Shape(3, (4, 4)))))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_change_nothing_but_texts(name: str) -> None:
    for graph_of, render in ((space_of, draw.space), (genotype_of, draw.genotype)):
        harmless, hostile = (ET.fromstring(render(graph_of(n), "svg")) for n in ("name", name))
        kinds = [sorted(e.get("class", "") for e in tree.iter(f"{SVG}g")) for tree in (harmless, hostile)]
        assert kinds[0] == kinds[1]
        tags = {e.tag for e in hostile.iter()} - {f"{SVG}{t}" for t in ("text", "g", "a", "svg", "title")}
        assert tags <= {f"{SVG}{t}" for t in ("path", "polygon", "ellipse", "polyline")}
        names = {key for e in hostile.iter() for key in e.attrib}
        assert not any(key.startswith("on") or key.endswith("href") for key in names)


def test_text_is_shown_as_it_is() -> None:
    for name in ('<b>&lt;"\\N', "a\\nb &amp; c"):
        root = ET.fromstring(draw.space(space_of(name), "svg"))
        assert name in {e.text for e in root.iter(f"{SVG}text")}
        tooltips = [e.get("{http://www.w3.org/1999/xlink}title") or "" for e in root.iter(f"{SVG}a")]
        assert any(name in tooltip for tooltip in tooltips)


def test_the_same_graph_gives_the_same_bytes_in_every_process() -> None:
    here = Path(__file__).resolve()
    code = (
        "import sys; from tests.draw import graphs; from nasdsl import draw;"
        "sys.stdout.write(draw.genotype_source(graphs.nasnet()) + draw.space_source(graphs.fpn_space()))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=here.parents[2], capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(texts) == 1
    assert draw.space(graphs.fpn_space(), "svg") == draw.space(graphs.fpn_space(), "svg")
