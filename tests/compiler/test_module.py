"""Architecture graphs as modules: what they compute, how they are called, copied, stored and exported."""

from __future__ import annotations

import copy
import io
import keyword
from collections.abc import Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nasdsl.compiler.dag import architecture
from nasdsl.compiler.load import loads
from nasdsl.compiler.lower import network as lowered
from nasdsl.compiler.module import Network, build
from nasdsl.compiler.namespace import Namespace
from nasdsl.compiler.network import Network as Lowered
from nasdsl.compiler.network import Op
from nasdsl.diagnostics import NasdslError
from nasdsl.ops.registry import get


class Draft:
    """A network being written down by hand."""

    def __init__(self, name: str = "test") -> None:
        self.name = name
        self.ops: list[Op] = []

    def add(self, name: str, *inputs: int, path: str = "", missing: Iterable[int] = (), **args: Any) -> int:
        primitive, shapes = get(name), tuple(self.ops[i].shape for i in inputs)
        shape = primitive.shape(shapes, args)  # type: ignore[arg-type]
        costs = (shapes, shape, args)
        self.ops.append(
            Op(
                *(name, tuple(args.items()), inputs, shape, f"{self.name}.{path or name}", ()),
                params=primitive.params(*costs),  # type: ignore[arg-type]
                macs=primitive.macs(*costs),  # type: ignore[arg-type]
                missing=tuple(missing),
            )
        )
        return len(self.ops) - 1

    def absent(self) -> int:
        self.ops.append(Op("none", (), (), None, f"{self.name}.none", ()))
        return len(self.ops) - 1

    def network(self, *outputs: tuple[int | None, int]) -> Lowered:
        inputs = tuple(i for i, op in enumerate(self.ops) if get(op.name).role == "input")
        return Lowered(self.name, tuple(self.ops), inputs, outputs)


def classifier() -> Lowered:
    """A stem, a node of two edges of which one is absent, a factorised reduction, a gate and a head."""
    d = Draft()
    x = d.add("image", channels=3, height=9, width=9)
    stem = d.add("batch_norm", d.add("conv", x, path="stem", k=3, width=8), path="stem")
    left = d.add("dw_conv", d.add("relu", stem), path="stage[0].n[0].op[0].dw_conv", k=3)
    dead = d.add("conv", stem, path="stage[0].n[0].op[1]", k=5, width=8)
    node = d.add("concat", left, stem, path="stage[0].n[0]", missing=[d.absent()], layout=(4, -1, -1))
    a = d.add("conv", node, path="stage[1].a", k=1, stride=2, width=5)
    b = d.add("conv", d.add("shift", node, n=1), path="stage[1].b", k=1, stride=2, width=5)
    both = d.add("concat", a, b, path="stage[1]")
    gate = d.add("sigmoid", d.add("conv", d.add("global_avg", both), path="se", k=1, width=10, bias=1))
    gated = d.add("max_pool", d.add("mul", both, gate), k=2, stride=2)
    twice = d.add("add", gated, gated, path="stage[2].n[0]")
    assert dead not in d.network((None, twice)).live
    return d.network((None, d.add("linear", d.add("global_avg", twice), path="head", width=10)))


def pyramid() -> Lowered:
    """One merging cell over the levels 3 to 5 of a 100 pixel image; level 4 is fed but not read."""
    d = Draft("detector")
    p5, p3, p4 = (d.add("feature", path=f"p[{level}]", width=4, level=level, size=100) for level in (5, 3, 4))
    down = d.add("resample", p3, path="fpn.o[0]", size=(4, 4), level=5)
    o5 = d.add("conv", d.add("global_pool", p5, down, path="fpn.o[0]"), path="fpn.o[0]", k=3, width=4)
    up = d.add("resample", o5, path="fpn.o[1]", size=(13, 13), level=3)
    o3 = d.add("add", p3, up, path="fpn.o[1]")
    assert p4 not in d.ops[o3].inputs
    return d.network((5, o5), (3, o3))


@pytest.fixture
def network() -> Lowered:
    return classifier()


def test_it_computes_what_the_graph_says(network: Lowered) -> None:
    module = build(architecture(network), seed=0).eval()
    x = torch.randn(2, 3, 9, 9)
    stem = module.get_submodule("stem.batch_norm")(module.get_submodule("stem.conv")(x))
    left = module.get_submodule("stage0.n0.op0.dw_conv")(stem.relu())
    node = torch.cat([torch.zeros(2, 4, 9, 9), left, stem], 1)
    shifted = torch.nn.functional.pad(node, (0, 1, 0, 1))[:, :, 1:, 1:]
    a, b = module.get_submodule("stage1.a.conv")(node), module.get_submodule("stage1.b.conv")(shifted)
    both = torch.cat([a, b], 1)
    gate = module.get_submodule("se.conv")(both.mean((2, 3))).sigmoid()
    pooled = torch.nn.functional.max_pool2d(both * gate[:, :, None, None], 2, ceil_mode=True)
    expected = module.get_submodule("head.linear")((pooled * 2).mean((2, 3)))
    assert torch.allclose(module(x), expected, atol=1e-6)


def test_only_live_operations_are_built_and_costs_agree(network: Lowered) -> None:
    module = build(architecture(network))
    assert sum(p.numel() for p in module.parameters()) == network.params
    assert not any("op1" in name for name, _ in module.named_modules())
    total = 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal total
        total += output[0].numel() * layer.get_parameter("weight")[0].numel()

    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    module(torch.randn(2, 3, 9, 9))
    assert total == network.macs


def test_it_trains_and_its_modes_differ(network: Lowered) -> None:
    module, x = build(architecture(network), seed=0), torch.randn(4, 3, 9, 9)
    module(x).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())
    assert module.training
    assert not module.eval().training
    assert not module(x).allclose(module.train()(x))


def test_a_pyramid_takes_and_returns_lists_by_level() -> None:
    module = build(architecture(pyramid()), seed=1)
    features = [torch.randn(2, 4, n, n) for n in (13, 7, 4)]
    o3, o5 = module(features)
    assert (o3.shape, o5.shape) == ((2, 4, 13, 13), (2, 4, 4, 4))
    down = torch.nn.functional.max_pool2d(features[0], 4, ceil_mode=True)
    merged = features[2] + down * features[2].amax((2, 3), keepdim=True).sigmoid()
    expected = module.get_submodule("fpn.o0.conv")(merged)
    assert torch.allclose(o5, expected, atol=1e-6)
    assert torch.allclose(o3, features[0] + torch.nn.functional.interpolate(expected, (13, 13)), atol=1e-6)
    (o3.sum() + o5.sum()).backward()
    assert "p3, p4, p5 = features" in module.code


def test_several_images_are_a_list_and_one_level_is_too() -> None:
    d = Draft()
    a, b = d.add("image", height=4), d.add("image", height=4)
    module = build(architecture(d.network((None, d.add("add", a, b)))))
    x, y = torch.randn(2, 1, 3, 4, 4)
    assert module([x, y]).equal(x + y)
    d = Draft()
    p = d.add("feature", width=3, level=4, size=64)
    (same,) = build(architecture(d.network((4, p))))([x])
    assert same.equal(x)


def test_ports_keep_their_order_and_may_repeat() -> None:
    d = Draft()
    x = d.add("image", channels=1, height=2)
    y = d.add("relu", x)
    module = build(architecture(d.network((None, d.add("concat", y, x, y)))))
    t = torch.randn(1, 1, 2, 2)
    assert module(t).equal(torch.cat([t.relu(), t, t.relu()], 1))


def test_the_seed_decides_and_the_global_generator_is_left_alone(network: Lowered) -> None:
    graph = architecture(network)
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    first, again, other = (build(graph, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.random.get_rng_state().equal(before)
    assert all(first[k].equal(again[k]) for k in first)
    assert any(not first[k].equal(other[k]) for k in first)
    one, two = (build(graph).state_dict()["stem.conv.weight"] for _ in range(2))
    assert not one.equal(two)


def test_copies_and_stored_weights_compute_the_same(network: Lowered) -> None:
    graph, x = architecture(network), torch.randn(2, 3, 9, 9)
    module = build(graph, seed=1).eval()
    assert copy.deepcopy(module)(x).equal(module(x))
    buffer = io.BytesIO()
    torch.save(module.state_dict(), buffer)
    buffer.seek(0)
    other = build(graph, seed=2).eval()
    other.load_state_dict(torch.load(buffer, weights_only=True))
    assert other(x).equal(module(x))


def test_it_exports() -> None:
    x = torch.randn(2, 3, 9, 9)
    module = build(architecture(classifier()), seed=1).eval()
    exported = torch.export.export(module, (x,), dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=64)},))
    more = torch.randn(5, 3, 9, 9)
    assert torch.allclose(exported.module()(more), module(more), atol=1e-6)
    levels = [torch.randn(2, 4, n, n) for n in (13, 7, 4)]
    neck = build(architecture(pyramid()), seed=1).eval()
    for got, expected in zip(torch.export.export(neck, (levels,)).module()(levels), neck(levels), strict=True):
        assert torch.allclose(got, expected, atol=1e-6)


def test_channels_last_and_other_types(network: Lowered) -> None:
    graph, x = architecture(network), torch.randn(2, 3, 9, 9)
    module = build(graph, seed=1).eval()
    nhwc = copy.deepcopy(module).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert torch.allclose(nhwc(x.contiguous(memory_format=torch.channels_last)), module(x), atol=1e-5)
    seen: list[bool] = []
    nhwc.get_submodule("stage1.a.conv").register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].is_contiguous(memory_format=torch.channels_last))
    )
    nhwc(x.contiguous(memory_format=torch.channels_last))
    assert seen == [True]
    double = build(graph, seed=1, dtype=torch.float64).eval()
    assert torch.allclose(double(x.double()).float(), module(x), atol=1e-5)


def test_a_dead_network_is_refused_in_plain_words() -> None:
    d = Draft("cifar10")
    d.add("image")
    with pytest.raises(NasdslError, match="E0412: `cifar10` has no live output, so there is nothing to build"):
        build(architecture(d.network()))


AWKWARD = (
    *("a", "a", "a.b", "a.b.conv", "a_b", "a[0]", "a0", "a[1][2]", "a1[2]", "a12", "a_1"),
    *("é", "ê", "", ".", "0", "[3]", "conv", "conv[1]", "conv_1"),
    *("train.type.code", "train_", "graph", "class", "def.if", "__init__", "_modules", "meta"),
    *(
        "label",
        "code",
        "heads.written",
        "normed",
        "plain",
        "len",
        "a b c",
        "a-b",
        "sep_conv(3)",
        "sep_conv(5)",
        "forward",
        "half.float",
        "training",
    ),
)


def test_names_are_legal_unique_and_never_begin_each_other() -> None:
    names = Namespace()
    given = [names.name(path, op) for path in (*AWKWARD, *reversed(AWKWARD)) for op in ("conv", "batch_norm", "type")]
    assert len(set(given)) == len(given)
    taken = set(given)
    attributes = set(dir(Network("")))
    for name in given:
        parts = name.split(".")
        assert all(p.isidentifier() and p.isascii() and not keyword.iskeyword(p) and p not in attributes for p in parts)
        assert not any(".".join(parts[:i]) in taken for i in range(1, len(parts)))


def test_names_do_not_change_when_more_are_given() -> None:
    some, more = Namespace(), Namespace()
    first = [some.name(path, "conv") for path in AWKWARD[:9]]
    assert [more.name(path, "conv") for path in AWKWARD][:9] == first


def test_awkward_names_build() -> None:
    d = Draft("class")
    value = d.add("image", height=4)
    for path in AWKWARD:
        value = d.add("conv", d.add("relu", value, path=path), path=path, k=1, width=3)
    module = build(architecture(d.network((None, value))))
    assert module(torch.randn(1, 3, 4, 4)).shape == (1, 3, 4, 4)


def test_a_network_may_be_its_input() -> None:
    """The operation that delivers it is number 0, which is no missing output."""
    space = loads("use primitives (identity)\ncell f(x) { node n { from x }; out n }\n")
    module = build(architecture(lowered(space[0])))
    x = torch.randn(2, 16, 8, 8)
    assert torch.equal(module(x), x)
