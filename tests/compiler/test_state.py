"""Cells with a state: fed back along a sequence, in the network, its key and its graph."""

from __future__ import annotations

import pytest

from nasdsl import Binding, NasdslError, architecture, exact, loads, network
from nasdsl.compiler.network import Network

HEAD = "use primitives (tanh, relu, sigmoid, linear, identity, none)\n"
NET = "net n { input sequence(4, 5); stage (width = 8) { USES } }\n"


def lowered(body: str, uses: str = "rnn", index: int = 0) -> Network:
    return network(loads(HEAD + body + NET.replace("USES", uses))[index])


def key(body: str, uses: str = "rnn") -> str:
    return exact(loads(HEAD + body + NET.replace("USES", uses))[0])


RNN = "cell rnn(x, state h) { node s { from x, h; op linear; merge add; then tanh }; out s }\n"


def test_a_state_is_fed_with_out_and_holds_one_element() -> None:
    made = lowered(RNN)
    assert [(op.name, str(op.shape)) for op in made.ops] == [
        ("sequence", "4x5"), ("elements", "4"), ("state", "8"), ("linear", "8"), ("linear", "8"), ("add", "8"),
        ("tanh", "8"), ("collect", "8x5"),
    ]  # fmt: skip
    assert made.feedback == ((2, 6),)
    # Weights are shared over time, and every element costs.
    assert made.params == 4 * 8 + 8 + 8 * 8 + 8
    assert made.macs == 5 * (4 * 8 + 8 * 8)
    back = [(a, b) for a, b, data in architecture(made).edges(data=True) if data.get("feedback")]
    assert back == [(6, 2)]


def test_what_only_the_state_reads_is_alive() -> None:
    body = "cell rnn(x, state h) { node a { from h; op linear }; node b { from x, a; op linear; merge add }; out b }\n"
    made = lowered(body)
    assert made.live == frozenset(range(len(made.ops)))
    unread = "cell rnn(x, state h) { node a { from h; op linear }; node b { from x; op linear }; out b }\n"
    ops = lowered(unread)
    assert "state" not in {ops.ops[i].name for i in ops.live}
    assert key(unread) != key(body)


def test_an_absent_out_feeds_nothing() -> None:
    made = lowered("cell rnn(x, state h) { node a { from x, h; op none; merge add }; out a }\n")
    assert made.dead
    assert made.feedback == ()


KEYS = {
    "the order of a sum": (RNN, RNN.replace("from x, h", "from h, x"), True),
    "what is fed back": (
        "cell rnn(x, state h) { node a { from x, h; op linear; merge add }; node b { from a; op tanh }; out b }\n",
        "cell rnn(x, state h) { node a { from x, h; op linear; merge add }; node b { from a; op relu }; out b }\n",
        False,
    ),
    "whether a state is read": (RNN, RNN.replace("from x, h", "from x, x"), False),
}


@pytest.mark.parametrize("name", KEYS)
def test_the_key_holds_the_loop(name: str) -> None:
    left, right, same = KEYS[name]
    assert (key(left) == key(right)) == same


def test_states_of_two_uses_are_two() -> None:
    two = lowered(RNN, "branch add { rnn } { rnn }")
    assert [op.name for op in two.ops].count("state") == 2
    assert len({key(RNN, "branch add { rnn } { rnn }"), key(RNN), key(RNN, "rnn; rnn")}) == 3


def test_a_state_that_stands_still_tells_loops_apart() -> None:
    """Two loops of one shape whose states are fed with different sums."""
    crossed = """
    cell rnn(x, state h) {{
      node a {{ from x, h; op linear; merge add }}
      node b {{ from {}, a; op identity; merge add }}
      out b
    }}
    """
    assert key(crossed.format("h")) != key(crossed.format("a"))


def test_a_net_of_sequences_takes_no_images() -> None:
    with pytest.raises(NasdslError, match="E0410: this net reads a sequence, and is given images"):
        network(loads(HEAD + RNN + NET.replace("USES", "rnn"))[0], Binding(3, (32, 32)))


def test_a_file_of_one_such_cell_is_lowered_on_sequences() -> None:
    made = network(loads(HEAD + RNN)[0])
    assert [str(made.ops[position].shape) for _, position in made.outputs] == ["16x32"]


def test_a_recurrent_space_has_its_published_size() -> None:
    """DARTS's recurrent cell: 8! * 4^8 (Liu et al., 2019)."""
    cell = """
    block highway(inner) { linear; inner }
    cell rnn(x, state h) {
      node s { from x, h; op linear; merge add }
      node n[8] { from one of [s, *n]; op highway(tanh | relu | sigmoid | identity) }
      out mean(n)
    }
    """
    space = loads(HEAD + cell + NET.replace("USES", "rnn"))
    assert space.size == 40320 * 4**8
    assert not network(space[space.size - 1]).dead
