"""Published spaces built by hand from decisions, without the language."""

from __future__ import annotations

import pytest

from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Decision, Mode, Subset, Written
from nasdsl.space.model import Entry, SearchSpace


def one_of(path: str, *texts: str) -> Choice:
    return Choice(path, tuple(Written((text,)) for text in texts))


def alone(decision: Decision) -> tuple[Written, ...]:
    return (Written((0,), (decision,)),)


def node(path: str, members: list[str], picks: int, mode: Mode, ops: list[str]) -> Entry:
    """`from pick PICKS of MEMBERS; op one of OPS`."""
    reads = tuple(Written((0,), (one_of(f"{path}.op[{j}]", *ops),)) for j in range(picks))
    return Entry(path, "from", alone(Subset(f"{path}.from", tuple(members), picks, picks, mode, reads)))


def nasnet_cell(cell: str) -> list[Entry]:
    entries, earlier = [], ["prev2", "prev1"]
    for i in range(5):
        path = f"{cell}.b[{i}]"
        entries.append(node(path, list(earlier), 2, "repeats", [f"op{k}(3)" for k in range(13)]))
        entries.append(Entry(path, "merge", alone(one_of(f"{path}.merge", "add", "concat"))))
        earlier.append(f"b[{i}]")
    return entries


def darts_cell(cell: str) -> list[Entry]:
    ops = ["max_pool(3)", "avg_pool(3)", "identity", "sep_conv(3)", "sep_conv(5)", "dil_conv(3)", "dil_conv(5)"]
    names = ["prev2", "prev1", "n[0]", "n[1]", "n[2]"]
    return [node(f"{cell}.n[{i}]", names[: i + 2], 2, "set", ops) for i in range(4)]


def motif(name: str, nodes: int, ops: list[str]) -> list[Entry]:
    """Every node reads all earlier values; only the operations are open."""
    reads = [(f"{name}.n[{i}]", [f"{name}.n[{i}].op[{j}]" for j in range(i + 1)]) for i in range(nodes)]
    return [Entry(p, "op", tuple(w for op in paths for w in alone(one_of(op, *ops)))) for p, paths in reads]


def fpn_cell() -> list[Entry]:
    entries, earlier = [], [f"p[{level}]" for level in range(3, 8)]
    for i in range(7):
        name = f"mid[{i}]" if i < 2 else f"o[{i - 2}]"
        path = f"fpn.{name}"
        entries.append(node(path, list(earlier), 2, "order", ["identity"]))
        if i < 2:
            entries.append(Entry(path, "level", alone(one_of(f"{path}.level", "3", "4", "5", "6", "7"))))
        entries.append(Entry(path, "merge", alone(one_of(f"{path}.merge", "add", "global_pool"))))
        earlier.append(name)
    entries.append(Entry("fpn.o.level", "", alone(Arrangement("fpn.o.level", ("3", "4", "5", "6", "7")))))
    return entries


@pytest.fixture(scope="session")
def nasnet() -> SearchSpace:
    return SearchSpace("nasnet", "normal", tuple(nasnet_cell("normal")))


@pytest.fixture(scope="session")
def darts() -> SearchSpace:
    return SearchSpace("darts", "cifar10", tuple(darts_cell("normal") + darts_cell("reduce")))


@pytest.fixture(scope="session")
def hierarchical() -> SearchSpace:
    small = [e for i in range(6) for e in motif(f"small[{i}]", 3, ["none", *(f"op{k}" for k in range(6))])]
    large = motif("large", 4, ["none", *(f"small[{k}]" for k in range(6))])
    return SearchSpace("hierarchical", "search", tuple(small + large))


@pytest.fixture(scope="session")
def nasfpn() -> SearchSpace:
    return SearchSpace("nasfpn", "detector", tuple(fpn_cell()))


@pytest.fixture(scope="session")
def conditional() -> SearchSpace:
    """Alternatives with decisions of their own, and a set of open size: (1 + 2 + 2 * 3) * (1 + 2 * 2 + 4) = 81."""
    kernel = Choice("net.s.k", (Written(("3",)), Written(("5",))))
    expand = one_of("net.s.conv.e", "2", "4", "6")
    act = one_of("net.s.conv.act", "relu", "swish")
    step = Choice(
        "net.s",
        (Written(("skip",)), Written(("pool(", 0, ")"), (kernel,)), Written(("conv(e = ", 1, ")"), (act, expand))),
    )
    reads = tuple(Written((0,), (one_of(f"net.n.op[{j}]", "a", "b"),)) for j in range(2))
    some = Subset("net.n.from", ("x", "y"), 0, 2, "set", reads)
    return SearchSpace("conditional", "net", (Entry("net.s", "", alone(step)), Entry("net.n", "from", alone(some))))
