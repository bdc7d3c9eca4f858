"""The exact key: what tells networks apart and what does not (law 7 of the language)."""

from __future__ import annotations

from random import Random

import pytest

from nasdsl import exact, load, loads

HEAD = "use vision (identity, none, conv, relu, batch_norm, max_pool, avg_pool, shift, conv_bn, classifier)\n"
NET = "net n { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { c }; head classifier(2) }\n"


def key(body: str) -> str:
    return exact(loads(HEAD + "cell c(x) {\n" + body + "\n}\n" + NET)[0])


SAME = {
    "the order of a sum": (
        "node a { from x; op conv(1) }\nnode b { from x; op conv(3) }\nnode s { from a, b; merge add }\nout s",
        "node a { from x; op conv(1) }\nnode b { from x; op conv(3) }\nnode s { from b, a; merge add }\nout s",
    ),
    "identities that keep the shape": (
        "node a { from x; op conv(1) }\nout a",
        "node i { from x; op identity }\nnode a { from i; op conv(1) }\nnode j { from a; op identity }\nout j",
    ),
    "parts that nobody reads": (
        "node a { from x; op conv(1) }\nout a",
        "node a { from x; op conv(1) }\nnode dead { from x; op conv(3) }\nout a",
    ),
    "absent parts": (
        "node a { from x; op conv(1) }\nout a",
        "node a { from x, x; op conv(1), none; merge add }\nout a",
    ),
    "nested sums": (
        "node a { from x, x; op conv(1), conv(3); merge add }\nnode s { from a, x; merge add }\nout s",
        "node s { from x, x, x; op conv(1), conv(3), identity; merge add }\nout s",
    ),
    "repeated operations without parameters": (
        "node a { from x; op max_pool(3) }\nnode s { from a, a; merge add }\nout s",
        "node s { from x, x; op max_pool(3), max_pool(3); merge add }\nout s",
    ),
}
DIFFERENT = {
    "one trainable operation shared, or two": (
        "node a { from x; op conv(1) }\nnode s { from a, a; merge add }\nout s",
        "node s { from x, x; op conv(1), conv(1); merge add }\nout s",
    ),
    "the order of a concat": (
        "node a { from x, x; op max_pool(3), conv(1); merge concat; then conv(1) }\nout a",
        "node a { from x, x; op conv(1), max_pool(3); merge concat; then conv(1) }\nout a",
    ),
    "operations in another order": (
        "node a { from x; op conv(1) }\nnode b { from a; op conv(3) }\nout b",
        "node a { from x; op conv(3) }\nnode b { from a; op conv(1) }\nout b",
    ),
    "the place of an absent value in a concat": (
        "node a { from x, x; op none, conv(1); merge concat; then conv(1) }\nout a",
        "node a { from x, x; op conv(1), none; merge concat; then conv(1) }\nout a",
    ),
    "kinds of pooling": ("node a { from x; op max_pool(3) }\nout a", "node a { from x; op avg_pool(3) }\nout a"),
}


@pytest.mark.parametrize("what", SAME)
def test_not_told_apart(what: str) -> None:
    one, other = SAME[what]
    assert key(one) == key(other)


@pytest.mark.parametrize("what", DIFFERENT)
def test_told_apart(what: str) -> None:
    one, other = DIFFERENT[what]
    assert key(one) != key(other)


def test_motifs_renamed_give_the_same_key() -> None:
    space = load("hierarchical", {"C": 4})
    drawn = space.sample(Random(4))
    swapped = drawn.text("g").replace("small[0]", "small[x]").replace("small[1]", "small[0]")
    swapped = swapped.replace("small[x]", "small[1]")
    again = loads(space.source + "\n" + swapped, params={"C": 4}).point("g")
    assert again.values != drawn.values
    assert exact(again) == exact(drawn)


def test_a_key_does_not_depend_on_the_process() -> None:
    assert exact(load("darts").point("darts_v2")) == exact(load("darts").point("darts_v2"))
    assert len(exact(load("darts").point("darts_v2"))) == 32
