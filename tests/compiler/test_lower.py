"""Lowering: every shipped space at odd and even sizes, predicted shapes and costs, and the rules of absence."""

from __future__ import annotations

from random import Random

import pytest
import torch
from torch import nn

from nasdsl import Binding, architecture, build, load, loads, network
from nasdsl.compiler.network import Network

SMALL = {
    "nasnet": {"N": 1, "C": 4}, "darts": {"N": 1, "C": 4}, "hierarchical": {"C": 4}, "nasfpn": {"N": 1, "W": 4}
}  # fmt: skip
SPACES = [
    ("nasnet", None), ("darts", "search"), ("hierarchical", "search"), ("hierarchical", "cifar10"), ("nasfpn", None),
]  # fmt: skip


def run(net: Network, size: int, channels: int) -> list[torch.Tensor]:
    """Build, run forward and backward, and return what the module delivers."""
    module = build(architecture(net), seed=0)
    features = [net.ops[i].shape for i in net.inputs]
    given = [torch.randn(2, s.width, *s.size) for s in features if s is not None]
    result = module(given if net.ops[net.inputs[0]].name == "feature" else given[0])
    delivered = result if isinstance(result, list) else [result]
    sum(r.square().mean() for r in delivered).backward()
    return delivered


@pytest.mark.parametrize("size", [14, 15, 28, 32])
@pytest.mark.parametrize(("name", "net"), SPACES)
def test_every_space_runs_at_every_size_as_predicted(name: str, net: str | None, size: int) -> None:
    space = load(name, SMALL[name], net)
    rng = Random(size)
    for _ in range(2):
        made = network(space.sample(rng), Binding(1, (size, size), 7))
        delivered = run(made, size, 1)
        assert [tuple(d.shape[1:]) for d in delivered] == [
            (s.width, *s.size) for s in (made.ops[p].shape for _, p in made.outputs) if s is not None
        ]
        if name != "nasfpn":
            assert tuple(delivered[0].shape) == (2, 7)


@pytest.mark.parametrize(("name", "net"), SPACES)
def test_predicted_costs_are_those_of_the_module(name: str, net: str | None) -> None:
    space = load(name, SMALL[name], net)
    made = network(space.sample(Random(3)), Binding(1, (15, 15), 10))
    module = build(architecture(made), seed=0)
    assert made.params == sum(p.numel() for p in module.parameters())
    counted = 0

    def count(part: nn.Module, given: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal counted
        if isinstance(part, nn.Conv2d):
            counted += output[0].numel() * part.weight[0].numel()
        elif isinstance(part, nn.Linear):
            counted += part.weight.numel()

    for part in module.modules():
        part.register_forward_hook(count)
    shapes = [made.ops[i].shape for i in made.inputs]
    given = [torch.randn(2, s.width, *s.size) for s in shapes if s is not None]
    module(given if name == "nasfpn" else given[0])
    assert made.macs == counted


def test_a_pyramid_comes_out_with_all_its_levels() -> None:
    made = network(load("nasfpn", {"N": 2, "W": 8}).sample(Random(0)), Binding(3, (100, 100)))
    assert [level for level, _ in made.outputs] == [3, 4, 5, 6, 7]
    assert [made.ops[p].shape.size[0] for _, p in made.outputs] == [13, 7, 4, 2, 1]  # type: ignore[union-attr]


HEAD = "use vision (identity, none, conv, relu, batch_norm, max_pool, conv_bn, relu_conv_bn, classifier)\n"
NET = "net n { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { c }; head classifier(2) }\n"


def net_of(cell: str, genotype: str = "", net: str = NET) -> Network:
    space = loads(HEAD + cell + "\n" + net + genotype)
    return network(space.point("g") if genotype else space[0])


def test_an_absent_value_keeps_its_place_in_a_concat_as_zeros() -> None:
    cell = "cell c(x) { node a { from x, x; op none, conv(1); merge concat; then conv(1) }\n out a }"
    made = net_of(cell)
    concat = next(op for op in made.ops if op.name == "concat")
    assert dict(concat.args)["layout"] == (4, -1)
    assert concat.shape is not None
    assert concat.shape.width == 8


def test_a_sum_skips_absent_terms_and_a_node_of_absent_values_is_absent() -> None:
    cell = """cell c(x) {
      node a { from x; op none }
      node b { from x, a; op conv(1), conv(3); merge add }
      out b
    }"""
    made = net_of(cell)
    assert "add" not in [made.ops[i].name for i in made.live]
    assert [op.name for op in made.ops].count("conv") == 2  # the stem's, and the one on x


def test_an_absent_output_makes_a_genotype_dead_and_sampling_avoids_it() -> None:
    cell = "cell c(x) { node a { from x; op none | identity }\n out a }"
    space = loads(HEAD + cell + "\n" + NET)
    assert [network(space[i]).dead for i in range(2)] == [True, False]
    assert {space.sample(Random(seed)).rank for seed in range(20)} == {1}


def test_the_last_step_that_can_set_the_width_delivers_it() -> None:
    block = "block two { conv(3); relu; conv(1); batch_norm }\ncell c(x) { node a { from x; op two }\n out a }\n"
    made = net_of(block, net=NET.replace("width = 4)", "width = 6)", 1).replace("(width = 4)", "(width = 9)"))
    assert [op.shape.width for op in made.ops if op.name == "conv" and op.shape][1:] == [6, 9]


def test_in_is_the_width_a_block_received() -> None:
    block = "block wide(e) { conv(1, width = e * in); conv(1) }\ncell c(x) { node a { from x; op wide(3) }\n out a }\n"
    assert [op.shape.width for op in net_of(block).ops if op.name == "conv" and op.shape] == [4, 12, 4]


def test_a_shortcut_adds_its_input_only_where_the_shape_is_kept() -> None:
    block = "block s(stride = 1) { shortcut { conv(3, stride = stride) } }\n"
    kept = net_of(block + "cell c(x) { node a { from x; op s }\n out a }\n")
    changed = net_of(block + "cell c(x) { node a { from x; op s(stride = 2) }\n out a }\n")
    assert [sum(op.name == "add" for op in made.ops) for made in (kept, changed)] == [1, 0]


def test_both_ports_read_the_stem_where_one_value_exists() -> None:
    cell = "cell c(a, b) { node n { from a, b; op identity, identity; merge add }\n out n }"
    made = net_of(cell)
    aligned = [op for op in made.ops if op.name == "conv"][1:]
    assert len({op.inputs for op in aligned}) == 2
    assert all(made.ops[op.inputs[0]].inputs == (2,) for op in aligned)  # both relus read the stem's batch norm


def test_stride_applies_to_edges_that_read_a_port_and_identity_stands_for_the_alignment() -> None:
    cell = """cell base(x) {
      align ports always relu_conv_bn(1)
      node a { from x; op identity }
      node b { from a; op max_pool(3) }
      out b
    }
    cell c = fresh base(stride = 2)"""
    made = net_of(cell)
    sizes = [op.shape.size for op in made.ops if op.name == "max_pool" and op.shape]
    assert sizes == [(4, 4)]
    assert any(op.name == "shift" for op in made.ops)  # the factorised reduction


def test_a_genotype_reads_back_from_its_own_text() -> None:
    for name in SMALL:
        space = load(name)
        drawn = space.sample(Random(1))
        again = loads(space.source + "\n" + drawn.text("again"), net=space.net)
        assert again.point("again").values == drawn.values


def test_two_uses_of_a_cell_in_one_chain_stand_apart() -> None:
    space = loads(
        "use primitives (conv, relu)\n"
        "cell act(x) { node n { from x; op relu }; out n }\n"
        "block twice { shortcut { conv(1); act }; act }\n"
        "net n { input image(3, 8, 8); stage (width = 3) { twice } }\n"
    )
    uses = [[scope.name for scope in op.scopes if scope.kind == "graph"] for op in network(space[0]).ops]
    assert [use for use in uses if use] == [["act_1"], ["act_1[1]"]]


def test_what_is_not_there_can_be_read_at_a_stride() -> None:
    """Without an operation, so that the alignment alone would halve it."""
    space = loads(
        "use vision (identity, none, conv_bn)\n"
        "cell f(x) { node n { from x; op identity | none }; out n }\n"
        "cell g(x) { node a { from x }; node b { from a, x; op conv_bn(3); merge add }; out b }\n"
        "net n { input image(3, 8, 8); stage (width = 3) { f }; stage (width = 4) { conv_bn(1); g(stride = 2) } }\n"
    )
    alive, dead = network(space[0]), network(space[1])
    assert not alive.dead
    assert dead.dead
