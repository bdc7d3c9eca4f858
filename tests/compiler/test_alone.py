"""A genotype as a space of its own: one network, whose text needs nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import nasdsl
from nasdsl.compiler.alone import alone
from nasdsl.compiler.network import Network

DRAFTS = Path(__file__).parents[1] / "spaces"
FILES = [*nasdsl.shipped().values(), *sorted(DRAFTS.glob("*.nas"))]


def told(network: Network) -> list[tuple[object, ...]]:
    """Every live operation, and the operations that it reads."""
    ops, live = network.ops, sorted(network.live)
    return [(ops[i].name, ops[i].args, ops[i].shape, [ops[r].name for r in ops[i].inputs]) for i in live]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_the_same_network_and_no_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DRAFTS)
    ops = ["operations"] if path.parent == DRAFTS else []
    space, rng = nasdsl.load(path, ops=ops), Random(3)
    drawn = [space[0], space[-1], *(space[rng.randrange(space.size)] for _ in range(2))]
    for genotype in [*drawn, *(space.point(name) for name in space.points)]:
        try:
            wanted = nasdsl.network(genotype)
        except nasdsl.NasdslError:
            continue  # its shapes do not fit
        text = alone(genotype)
        made = nasdsl.loads(text, ops=ops)
        assert made.size == 1
        found = nasdsl.network(made[0])
        assert told(found) == told(wanted)
        assert (found.params, found.macs, len(found.taps)) == (wanted.params, wanted.macs, len(wanted.taps))
        # By itself it is itself.
        assert told(nasdsl.network(nasdsl.loads(alone(made[0]), ops=ops)[0])) == told(wanted)


CASES = {
    "a depth, and a weighted second head": (
        """
        use vision (sep_conv, classifier)
        hyper lr = 0.1 | 0.2
        net n {
          input image(3, 8, 8)
          stage s (width = 4 | 8, stride = 2) {
            repeat 1..3 { sep_conv(3 | 5) }
            tap aux classifier(4, weight = 0.2 | 0.4)
          }
          head  classifier(4)
        }
        """,
        ["hyper lr = 0.2", "stage s (width = 8, stride = 2)", "weight = 0.4", "k = 5"],
    ),
    "parallel operations, none, and an array of open length": (
        """
        use vision (identity, sep_conv, max_pool, none)
        cell f(x, y) {
          node p       { from x; op some of [identity, sep_conv(3)]; merge add }
          node n[0..2] { from one of earlier; op one of [none, max_pool(3)] }
          node m       { from some of [x, y]; merge add; absorb some of [p] }
          out concat([p, *n, m])
        }
        """,
        ["from x, x"],
    ),
    "an operation that is given, with numbers of the place it is given at": (
        """
        use vision (conv, relu, global_avg, sigmoid)
        block twice(inner) { inner; relu; inner }
        block outer(k)     { twice(conv(k, width = in * k)); conv(1) }
        cell f(x) { node a { from x; op outer(1 | 3) }; out a }
        """,
        ["block twice(f0)", "f0 = conv("],
    ),
    "levels dealt out, and what was left unread": (
        """
        use vision (relu_conv_bn)
        use primitives (resample)
        cell fpn(p[3..5]) {
          align edges needed resample
          node mid  { from pick 2 of earlier in order; level one of 3..5; merge add | mul; then relu_conv_bn(1) }
          node o[3] { from pick 2 of earlier; level order of 3..5; merge add; absorb unused; then relu_conv_bn(3) }
          out o by level
        }
        """,
        ["absorb unused([p[3], p[4], p[5], mid", "by level", "level 5"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_construct(name: str) -> None:
    text, shown = CASES[name]
    space, rng = nasdsl.loads(text), Random(0)
    for genotype in [space[0], space[-1], *(space[rng.randrange(space.size)] for _ in range(30))]:
        made = nasdsl.loads(alone(genotype))
        assert made.size == 1
        assert told(nasdsl.network(made[0])) == told(nasdsl.network(genotype))
        assert made[0].hypers == genotype.hypers
    assert all(part in alone(space[-1]) for part in shown), alone(space[-1])


def test_one_whose_shapes_do_not_fit_is_refused() -> None:
    space = nasdsl.loads(
        "use primitives (conv, identity)\n"
        "cell f(x) { node a { from x; op conv(1, width = 8 | 16) }; node b { from x, a; merge add }; out b }\n"
    )
    with pytest.raises(nasdsl.NasdslError, match="E0401"):
        alone(space[0])
