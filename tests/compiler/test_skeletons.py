"""Nets with taps, labels, choices in their input, and genotypes at parameters of their own."""

from __future__ import annotations

import pytest
import torch

from nasdsl import Binding, NasdslError, architecture, build, check, loads, network
from nasdsl.compiler.module import evaluated
from nasdsl.space.model import SearchSpace

HEAD = "use vision (identity, conv, sep_conv, max_pool, conv_bn, classifier)\n"
TAPPED = """
cell f(a, b) { node n { from a, b; op conv(3); merge add }; out n }
net n {
  input image(3, 16)
  stem conv_bn(3, width = 4)
  stage (width = 4) { tap early classifier(10, weight = 0.2 | 0.4); f; TAP f(stride = 2) }
  head classifier(10)
}
"""


def tapped(tap: str = "tap aux classifier(10, weight = 0.4);") -> SearchSpace:
    return loads(HEAD + TAPPED.replace("TAP", tap))


def test_a_tap_fills_no_place_of_the_window_and_costs_nothing() -> None:
    with_tap, without = network(tapped()[1]), network(tapped("")[1])
    assert (with_tap.params, with_tap.macs) == (without.params, without.macs)
    assert [(tap.name, tap.weight) for tap in with_tap.taps] == [("early", 0.4), ("aux", 0.4)]
    live = [with_tap.ops[i].path for i in sorted(with_tap.live)]
    assert live == [without.ops[i].path for i in sorted(without.live)]
    graph = architecture(with_tap)
    assert graph.nodes[with_tap.taps[0].position]["tap"]
    assert sum(op.params for op in with_tap.ops) > with_tap.params


def test_a_module_gives_what_its_taps_deliver_when_it_is_asked_to() -> None:
    graph = architecture(network(tapped()[0], Binding(3, (16, 16), 7)))
    plain, whole = build(graph, 0), build(graph, 0, taps=True)
    x = torch.randn(2, 3, 16, 16)
    output, ends = whole(x)
    assert torch.equal(output, plain(x))
    assert {name: tuple(end.shape) for name, end in ends.items()} == {"early": (2, 7), "aux": (2, 7)}
    output = whole.eval()(x)
    assert torch.equal(output, plain.eval()(x))
    again = evaluated(whole)
    assert torch.equal(again(x), output)
    assert torch.equal(again.train()(x), plain.train()(x))
    assert again.state_dict().keys() == plain.state_dict().keys()


def test_a_tap_that_does_not_fit_is_found() -> None:
    found = check(tapped("tap aux conv(3, groups = 3);"))
    assert [d.code for d in found] == ["E0408"]


def test_a_size_of_the_input_is_a_decision_and_one_for_both_sides() -> None:
    net = "net n { input img: image(3 | 1, one of 16..32 step 8); stem conv_bn(3, width = 4); head classifier(10) }"
    space = loads(HEAD + net)
    assert [d.path for d in space.decisions] == ["n.img.channels", "n.img.height"]
    shapes = [network(space[i]).ops[0].shape for i in range(space.size)]
    assert [(s.width, *s.size) for s in shapes if s is not None] == [
        (channels, side, side) for channels in (3, 1) for side in (16, 24, 32)
    ]
    bound = network(space[0], Binding(1, (14, 20))).ops[0].shape
    assert bound is not None
    assert str(bound) == "1x14x20"


def test_shapes_are_proved_for_every_size_of_the_input() -> None:
    cell = "cell c(x) { node a { from x, x; op conv(3, stride = 4), max_pool(3, stride = 4); merge add }; out a }\n"
    grouped = "net n { input image(4 | 5 | 8, 8); stem conv(3, groups = 4, width = 8) }"
    (found,) = check(loads(HEAD + cell + grouped))
    assert found.code == "E0408"
    assert "n.input.channels = 5" in str(found.notes)
    assert not check(loads(HEAD + cell + grouped.replace("| 5 ", "")))


def test_paths_name_labels_stages_and_repetitions() -> None:
    text = """
    let c = 4 | 8
    block layer { conv(3 | 5) }
    net {
      input image(3, 8)
      stem conv(1, width = c)
      stage s1 (width = 4) { b: repeat 2 { layer }; layer; more: branch add { layer } { identity } }
      layer
      layer
      tap aux layer
      tail: repeat 2 { layer }
    }
    net other { input image(3, 8); stage (width = c) { layer } }
    """
    space = loads(HEAD + text)
    assert [d.path for d in space.decisions] == [
        "c", "net.s1.b[0].k", "net.s1.b[1].k", "net.s1[1].k", "net.s1.more[0].k", "net[0].k", "net[1].k",
        "net.aux.k", "net.tail[0].k", "net.tail[1].k",
    ]  # fmt: skip
    assert [d.path for d in loads(HEAD + text, net="other").decisions] == ["c", "other.stage[0].k"]


NAMED = (
    HEAD
    + """
param N = 1
param C = 8
net n { input image(3, 8); stem conv_bn(3, width = C); stage s (width = C) { repeat N { sep_conv(3 | 5) } } }
genotype plain of n { n.s[0].k = 3 }
genotype wide of n (C = 16) { n.s[0].k = 5 }
genotype deep of n (N = 2) { n.s[0].k = 5; n.s[1].k = 3 }
"""
)


def test_a_genotype_is_there_wherever_it_reads() -> None:
    assert sorted(loads(NAMED).points) == ["plain", "wide"]
    assert sorted(loads(NAMED, params={"C": 32}).points) == ["plain", "wide"]
    assert sorted(loads(NAMED, params={"N": 2}).points) == ["deep"]


@pytest.mark.parametrize(
    ("params", "name", "message"),
    [
        ({}, "deep", "genotype `deep` is one at N = 2, and does not fit at the parameters of the file"),
        ({"N": 2}, "wide", "genotype `wide` is one at C = 16, and does not fit at N = 2"),
        ({"N": 2}, "plain", "genotype `plain` is one at the parameters of the file, and does not fit at N = 2"),
    ],
)
def test_a_genotype_of_other_parameters_says_which(params: dict[str, int | float], name: str, message: str) -> None:
    with pytest.raises(NasdslError, match="E0511: " + message):
        loads(NAMED, params=params).point(name)


def test_a_genotype_is_there_in_every_net_over_its_cells() -> None:
    text = """
    cell c(x) { node a { from x; op sep_conv(3) | sep_conv(5) }; out a }
    net small { input image(3, 8); stage (width = 4) { c } }
    net large { input image(3, 16); stage (width = 8) { c; c } }
    net open  { input image(3, 8); stage (width = 4) { c; k: sep_conv(3 | 5) } }
    genotype five of small { c.a { op sep_conv(5) } }
    """
    for net, there in (("small", True), ("large", True), ("open", False)):
        found = loads(HEAD + text, net=net)
        assert ("five" in found.points) is there
    assert loads(HEAD + text, net="large").point("five").rank == 1
    wrong = HEAD + text.replace("c.a { op sep_conv(5) }", "c.a { op sep_conv(7) }")
    assert not loads(wrong, net="large").points
    with pytest.raises(NasdslError):
        loads(wrong)


def test_hyper_parameters_belong_to_every_genotype() -> None:
    text = "hyper lr = one of [0.1 @ 3, 0.05]\nhyper epochs = 2\nlet d = 1 | 2\nhyper decay = d * 3\n"
    nets = "net a { input image(3, 8); conv(3) }\nnet b { input image(3, 8); conv(3 | 5) }\n"
    one, two = loads(HEAD + text + nets), loads(HEAD + text + nets, net="b")
    assert (one.size, two.size) == (4, 8)
    assert one[1].hypers == {"lr": 0.1, "epochs": 2, "decay": 6}
    assert "lr = 0.05\n" in two[7].text()
    assert network(one[0]) == network(one[3])
