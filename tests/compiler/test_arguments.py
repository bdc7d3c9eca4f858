"""Operations and templates as arguments of blocks: what they lower to, what they decide, and how often."""

from __future__ import annotations

from random import Random

import pytest

from nasdsl import check, exact, load, loads, network
from nasdsl.compiler.genotypes import said
from nasdsl.source import SourceFile
from nasdsl.space.model import Genotype, SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse

HEAD = "use vision (identity, conv, relu, sigmoid, tanh, batch_norm, max_pool, conv_bn, classifier)\n"
NET = "net n {{ input image(3, 8); stem conv_bn(3, width = 4); stage s (width = 4) {{ {} }} }}\n"
UNIT = """
block conv_op(k, se = 0) { conv(k); batch_norm; relu }
block thin_op(k, se = 0) { conv(k); relu }
block expanded(k, expand) { conv(1, width = expand * in); conv(k) }
block pool_skip(inner) { branch add { inner } { max_pool(3) } }
block identity_skip(inner) { shortcut { inner } }
block no_skip(inner) { inner }
ops skips = [pool_skip, identity_skip, no_skip]
block unit {
  let k    = 3 | 5
  let se   = 0 | 0.25
  let skip = SKIP
  let op_  = one of [conv_op(k, se = se), thin_op(k, se = se), expanded(k, expand = 2)]
  repeat 2 { skip(op_) }
}
"""


def space(blocks: str, stage: str) -> SearchSpace:
    return loads(HEAD + blocks + NET.format(stage))


def written(genotype: Genotype) -> Genotype:
    """The genotype read back from its own text."""
    (block,) = parse(SourceFile("text", genotype.text())).items
    assert isinstance(block, tree.GenotypeBlock)
    return genotype.space.read(said(block))


def names(genotype: Genotype) -> list[str]:
    net = network(genotype)
    return [f"{op.name}{dict(op.args).get('k', '')}" for op in net.ops][1:]


@pytest.mark.parametrize("skip", ["pool_skip | identity_skip | no_skip", "one of skips", "one of [*skips]"])
def test_the_layers_of_a_block_are_alike(skip: str) -> None:
    unit = space(UNIT.replace("SKIP", skip), "unit; unit")
    # MnasNet: 3 operations * 2 kernels * 2 ratios * 3 skips a block.
    assert unit.size == 36**2
    assert len({d.path for d in unit.decisions}) == len(unit.decisions) == 8
    assert not check(unit)
    rng = Random(0)
    for _ in range(20):
        genotype = unit.sample(rng)
        assert written(genotype) == genotype
        assert written(genotype).mutate(rng) in unit


def test_one_decision_serves_every_use_of_a_let() -> None:
    unit = space(UNIT.replace("SKIP", "pool_skip | no_skip"), "unit")
    point = "genotype p { n.s.k = 5; n.s.se = 0; n.s.skip = pool_skip; n.s.op_ = conv_op(k, se = se) }"
    (block,) = parse(SourceFile("text", point)).items
    assert isinstance(block, tree.GenotypeBlock)
    layer = ["conv5", "batch_norm", "relu", "max_pool3", "add"]
    assert names(unit.read(said(block))) == ["conv3", "batch_norm", *layer, *layer]


def test_numbers_of_an_operation_are_those_of_the_call() -> None:
    blocks = "block g(inner, k) { inner; conv(k) }\nblock f(k) { g(conv(k), k = 5) }\n"
    assert names(space(blocks, "f(3)")[0])[2:] == ["conv3", "conv5"]
    handed = "block h(part, k) { g(part, k) }\n" + blocks.replace("g(conv(k), k = 5)", "h(conv(k), k = 7)")
    assert names(space(handed, "f(3)")[0])[2:] == ["conv3", "conv7"]
    inside = "block w(inner) { inner; conv(1, width = 2 * in) }\nblock f { w(conv(1, width = 3 * in)) }\n"
    net = network(space(inside, "f")[0])
    assert [op.shape.width for op in net.ops if op.name == "conv" and op.shape is not None] == [4, 12, 8]


def test_a_choice_in_an_argument_is_made_at_the_call() -> None:
    blocks = "block g(inner) { inner; inner }\n"
    found = space(blocks, "g(conv(3) | conv(5)); g(conv(3 | 5))")
    assert [d.path for d in found.decisions] == ["n.s[0].inner", "n.s[1].inner.k"]
    assert {tuple(names(g)[2:]) for g in map(found.__getitem__, range(4))} == {
        (a, a, b, b) for a in ("conv3", "conv5") for b in ("conv3", "conv5")
    }


def test_templates_are_given_their_arguments_inside() -> None:
    blocks = "block a(k) { conv(k) }\nblock b(k) { conv(k); relu }\nblock twice(t, k = 3) { t(k); t(5) }\n"
    assert names(space(blocks, "twice(b)")[0])[2:] == ["conv3", "relu", "conv5", "relu"]
    found = space(blocks, "twice(a | b, k = 1 | 7)")
    assert found.size == 4
    assert names(found[3])[2:] == ["conv7", "relu", "conv5", "relu"]


def test_templates_are_handed_on() -> None:
    blocks = "block a(k) { conv(k) }\nblock b(k) { conv(k); relu }\nblock once(t, k) { t(k) }\n"
    blocks += "block twice(t, k) { once(t, k); once(t, 5) }\nblock more(t) { twice(t, 3); once(a, 1) }\n"
    assert names(space(blocks, "more(b)")[0])[2:] == ["conv3", "relu", "conv5", "relu", "conv1"]
    found = space(blocks, "twice(a | b, k = 1 | 7)")
    assert found.size == 4
    assert names(found[3])[2:] == ["conv7", "relu", "conv5", "relu"]


def test_an_operation_may_be_a_default_and_a_merge() -> None:
    blocks = "block f(inner = relu, joined = add) { branch joined { inner } { conv(1) } }\n"
    assert names(space(blocks, "f")[0])[2:] == ["relu", "conv1", "add"]
    assert names(space(blocks, "f(inner = tanh, joined = mean)")[0])[2:] == ["tanh", "conv1", "mean"]


def test_a_cell_can_be_an_argument() -> None:
    cell = "cell c(x) { node a { from x; op relu | tanh }; out a }\nblock f(inner) { inner; conv(1) }\n"
    found = space(cell, "f(c); c")
    assert found.size == 2
    assert names(found[1])[2:] == ["tanh", "conv1", "tanh"]


def test_a_block_without_operations_is_lowered_as_before() -> None:
    darts = load("darts", {"N": 1, "C": 4})
    assert exact(darts[12345]) == exact(written(darts[12345]))
