"""What can be delivered, against every genotype of small random cells lowered to its network."""

from __future__ import annotations

from itertools import islice

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nasdsl import loads, network
from nasdsl.compiler.undelivered import Flow
from nasdsl.diagnostics import NasdslError

MOST = 150


@st.composite
def cells(draw: st.DrawFn) -> str:
    """A cell of nodes that read and join at will; each ends in a convolution, by which its value is known."""
    values = ["a", "b"][: draw(st.integers(1, 2))]
    header = ", ".join(values)
    names: list[str] = []
    lines = []
    for i in range(draw(st.integers(2, 4))):
        elements = draw(st.integers(1, 2))
        picked = len(values) > 1 and draw(st.booleans())
        if picked:
            members = draw(st.lists(st.sampled_from(values), min_size=2, max_size=4, unique=True))
            reads = draw(st.integers(1, len(members) - 1))
            how = draw(st.sampled_from(["pick {}", "pick 1..{}", "some"])).format(reads)
            repeats = draw(st.sampled_from(["", " with repeats"])) if how == f"pick {reads}" else ""
            source = f"{how} of [{', '.join(members)}]{repeats}"
            reads = 1 if how == "pick 1" else 2
            ops = [draw(st.sampled_from(["identity", "identity | none"]))]
        else:
            sources = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
            reads, source = len(sources), ", ".join(sources)
            ops = [draw(st.sampled_from(["identity", "none", "identity | none"])) for _ in sources]
        absorb = draw(st.sampled_from(["", "", "; absorb unused", f"; absorb some of [{values[0]}]"]))
        merge = "; merge add" if reads > 1 or absorb else ""
        name = f"n{i}"
        array = f"[{elements}]" if elements > 1 else ""
        lines.append(f"node {name}{array} {{ from {source}; op {', '.join(ops)}{merge}{absorb}; then conv_bn(1) }}")
        names.append(name)
        values += [f"{name}[{j}]" for j in range(elements)] if elements > 1 else [name]
    some = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
    last = draw(st.sampled_from(names))
    out = draw(
        st.sampled_from(
            [
                f"last({last})",
                f"concat([{', '.join(some)}])",
                f"concat([{last}])",
                "concat(unused)",
                f"concat(unused({last}))",
            ]
        )
    )
    body = "\n  ".join([*lines, f"out {out}"])
    return f"use vision (identity, none, conv_bn)\ncell f({header}) {{\n  {body}\n}}\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(cells())
def test_alive_is_what_some_genotype_delivers(text: str) -> None:
    space = loads(text)
    assume(space.size <= MOST)
    graph = space.skeleton.graphs["f"]
    delivered: set[str] = set()
    present: set[str] = set()
    for genotype in islice((space[i] for i in range(space.size)), MOST):
        try:
            made = network(genotype)
        except NasdslError:
            # Nothing was left unread for `out`.
            continue
        live = {p for _, p in made.outputs}
        for p in range(len(made.ops) - 1, -1, -1):
            if p in live:
                live.update(made.ops[p].inputs)
        for p, op in enumerate(made.ops):
            nodes = {s.name for s in op.scopes if s.kind == "node"} - {"out"}
            names = nodes or ({graph.values[made.inputs.index(p)]} if p in made.inputs else set())
            if not op.absent:
                present |= names
                delivered |= names if p in live else set()
    alive = {graph.values[p] for p in Flow(graph).alive}
    assert delivered <= alive
    # What `absorb unused` takes depends on levels, which are not asked here.
    assert "absorb unused" in text or alive & present == delivered
