"""`width shared`: nodes as wide as their readers take them, and what a reader takes of them."""

from __future__ import annotations

import pytest
import torch

from nasdsl import NasdslError, SearchSpace, architecture, build, check, exact, loads, metrics, network
from nasdsl.compiler.network import Network

HEAD = "use vision (conv, conv_bn, identity, none, classifier)\n"


def space(cell: str, width: int = 8) -> SearchSpace:
    net = f"net n {{ input image({width}, 4); stage (width = {width}) {{ f }} }}\n"
    return loads(f"{HEAD}cell f(x) {{\n{cell}\n}}\n{net}")


def widths(made: Network) -> dict[str, int]:
    """How wide the convolutions of each node are."""
    found = {}
    for op in made.ops:
        if op.name == "conv" and op.shape is not None:
            (node,) = (scope.name for scope in op.scopes if scope.kind == "node")
            found[node] = op.shape.width
    return found


THREE = "node v[3] { from x; op conv(1); width shared }\n"


def test_a_concat_shares_its_width_and_the_first_have_what_does_not_divide() -> None:
    made = network(space(THREE + "node o { from all of v; merge concat }\nout o")[0])
    assert widths(made) == {"v[0]": 3, "v[1]": 3, "v[2]": 2}
    assert str(made.ops[-1].shape) == "8x4x4"
    assert widths(network(space(THREE + "out concat(v)")[0])) == {"v[0]": 3, "v[1]": 3, "v[2]": 2}


def test_any_other_reader_takes_its_own_width() -> None:
    """b takes 4 of c's channels, so c is 4 wide though the concat takes 2."""
    cell = """
      node c { from x; op conv(1); width shared }
      node b { from c; op conv(1); width 4 }
      node e { from c, b; op conv(1), conv(1); merge add; width 2 }
      node v[3] { from x; op conv(1); width shared }
      node o { from c, v[0], v[1], v[2]; merge concat }
      node z { from o, e; op identity, conv(1); merge add }
      out z
    """
    made = network(space(cell)[0])
    assert widths(made) == {"c": 4, "b": 4, "e": 2, "v[0]": 2, "v[1]": 2, "v[2]": 2, "z": 8}
    # e and the concat read the first channels.
    assert [op.shape.width for op in made.ops if op.name == "truncate" and op.shape is not None] == [2, 2]


def test_what_is_read_is_the_first_channels() -> None:
    more = "node w { from v[0], v[2]; merge add; width shared }\nnode o { from v[0], v[1], w; merge concat }\nout o"
    made = network(space(THREE + more)[0])
    assert [op.shape.width for op in made.ops if op.name == "truncate" and op.shape is not None] == [2]
    module = build(architecture(made), seed=0)
    x = torch.randn(2, 8, 4, 4)
    a, b, c = (w for w in module.parameters())
    v = [torch.nn.functional.conv2d(x, w) for w in (a, b, c)]
    assert [t.shape[1] for t in v] == [3, 3, 2]
    assert torch.allclose(module(x), torch.cat((v[0], v[1], v[0][:, :2] + v[2]), 1))


def test_what_reaches_a_shared_node_wider_than_it_is_loses_its_last_channels() -> None:
    made = network(space("node v[2] { from x; width shared }\nout concat(v)")[0])
    module = build(architecture(made))
    x = torch.randn(2, 8, 4, 4)
    assert module(x).equal(torch.cat((x[:, :4], x[:, :4]), 1))


def test_only_what_reaches_the_output_has_a_share() -> None:
    cell = """
      node v[3] { from some of [x]; merge add; then conv(1); width shared }
      node d { from v[0]; op conv(1) }
      node o { from all of v; merge concat }
      out o
    """
    made = space(cell)
    shares = [widths(network(genotype)) for genotype in made]
    assert shares[1:] == [
        {"v[2]": 8}, {"v[1]": 8}, {"v[1]": 4, "v[2]": 4}, {"v[0]": 8}, {"v[0]": 4, "v[2]": 4}, {"v[0]": 4, "v[1]": 4},
        {"v[0]": 3, "v[1]": 3, "v[2]": 2},
    ]  # fmt: skip
    assert network(made[0]).dead
    assert check(made) == ()
    absent = space(THREE.replace("conv(1)", "none | conv(1)") + "out concat(v)")
    assert widths(network(absent[1])) == {"v[2]": 8}


def test_keys_and_costs_are_those_of_the_network() -> None:
    made = space("node v[3] { from some of earlier; merge add; then conv(1) | conv_bn(3); width shared }\n"
                 "node o { from some of v; merge concat }\nout o")  # fmt: skip
    for genotype in made:
        whole = network(genotype)
        if not whole.dead:
            assert metrics(genotype).params == whole.params
            assert sum(p.numel() for p in build(architecture(whole)).parameters()) == whole.params
    # Who is not read decides nothing.
    same = [g for g in made if widths(network(g)) == {"v[0]": 8}]
    assert len({exact(g) for g in same}) == 2


def test_more_values_than_channels() -> None:
    few = space(THREE + "out concat(v)", 2)
    with pytest.raises(NasdslError, match="3 values share 2 channels"):
        network(few[0])
