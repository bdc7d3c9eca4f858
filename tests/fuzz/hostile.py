"""Files made to exhaust time, memory or the stack; each by a name that says what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

HEAD: Final = (
    "use vision (identity, none, sep_conv, conv_bn, relu_conv_bn, classifier)\nuse primitives (conv, relu, max_pool)\n"
)
BLOCK: Final = "block b(k) { conv(k) }\n"


def cell(body: str, before: str = "") -> bytes:
    """A cell with this body, in a net that uses it."""
    return net("f", f"{before}cell f(x) {{\n{body}\n}}\n")


def net(steps: str, before: str = "") -> bytes:
    """A net with these steps in one stage."""
    return (
        f"{HEAD}{before}net search {{\n  input image(3, 32, 32)\n  stem conv_bn(3, width = 4)\n"
        f"  stage (width = 4) {{ {steps} }}\n  head classifier(10)\n}}\n"
    ).encode()


def nested(opening: str, inside: str, closing: str, depth: int = 10_000) -> str:
    return opening * depth + inside + closing * depth


def doubling(levels: int, declare: Callable[[int], str], first: str) -> str:
    """Declarations that each use the one before twice."""
    return first + "".join(declare(i) for i in range(1, levels))


def _multiplied() -> bytes:
    """Arrays of motifs whose candidates are all motifs of the array before."""
    motifs = "".join(
        f"motif m{i}[50](x) {{ node n {{ from x; op one of [*m{i - 1}] }}; out n }}\n" for i in range(1, 30)
    )
    return net("m29[0]", "motif m0[50](x) { node n { from x; op identity | relu }; out n }\n" + motifs)


def _motifs_doubling(count: int) -> str:
    declare = "motif m{0}(x) {{ node n[2] {{ from prev; op m{1} }}; out last(n) }}\n"
    return doubling(count, lambda i: declare.format(i, i - 1), "motif m0(x) { node n { from x; op relu }; out n }\n")


def _motifs_in_a_row(count: int) -> str:
    declare = "motif m{0}(x) {{ node n {{ from x; op one of [m{1}, none] }}; out n }}\n"
    return doubling(count, lambda i: declare.format(i, i - 1), "motif m0(x) { node n { from x; op relu }; out n }\n")


def _ops_doubling() -> bytes:
    lists = doubling(50, lambda i: f"ops o{i} = [*o{i - 1}, *o{i - 1}]\n", "ops o0 = [identity, relu]\n")
    return net("one of o49", lists)


def _blocks_doubling(step: str = "{ b%d; b%d }") -> bytes:
    return net("b49(3)", doubling(50, lambda i: f"block b{i} {step % (i - 1, i - 1)}\n", "block b0 { relu }\n"))


def _deciding_blocks_doubling() -> bytes:
    blocks = doubling(50, lambda i: f"block b{i} {{ b{i - 1} | b{i - 1} }}\n", "block b0 { relu | identity }\n")
    return net("b49", blocks)


def _lets_doubling() -> bytes:
    return net("conv(l49)", doubling(50, lambda i: f"let l{i} = l{i - 1} | 1 + l{i - 1}\n", "let l0 = 1 | 2\n"))


def _params_doubling() -> bytes:
    return net("conv(p49)", doubling(50, lambda i: f"param p{i} = p{i - 1} * p{i - 1}\n", "param p0 = 3\n"))


def _sums_of_params() -> bytes:
    """Each parameter adds the one before to itself: as a tree it has 2^50 leaves."""
    return net("conv(3)", doubling(50, lambda i: f"param p{i} = p{i - 1} + p{i - 1}\n", "param p0 = 0\n"))


def _each_exploding() -> bytes:
    values = "each [" + ", ".join(map(str, range(1, 60))) + "]"
    return net("one of o", f"block q(a, c, d, e) {{ conv(a + c + d + e) }}\nops o = [q({', '.join([values] * 4)})]\n")


def _circle() -> bytes:
    count = 40
    return net("conv(p0)", "".join(f"param p{i} = p{(i + 1) % count} + 1\n" for i in range(count)))


def _picks() -> bytes:
    return cell("node n[64] { from pick 1..1000000 of earlier in order; merge add }\nout last(n)")


def _blocks_in_repeats() -> bytes:
    declare = "block b{0} {{ repeat 99 {{ b{1} }} }}\n"
    return net("b9", doubling(10, lambda i: declare.format(i, i - 1), "block b0 { relu }\n"))


def _shared_operations() -> bytes:
    declare = "let s{0} = s{1} | (s{1} | max_pool({0}))\n"
    return net("s49", doubling(50, lambda i: declare.format(i, i - 1), "let s0 = relu | identity\n"))


def _blocks_in_braces() -> bytes:
    braces = "shortcut { " * 20, "}" * 20
    declare = f"block b%d {{ {braces[0]} b%d {braces[1]} }}\n"
    return net("b39", doubling(40, lambda i: declare % (i, i - 1), "block b0 { relu }\n"))


def _mistakes_in_a_cell() -> bytes:
    return cell("\n".join(f"node n{i} {{ from y{i}; op relux }}" for i in range(10_000)) + "\nout x")


def _places() -> bytes:
    places = b"".join(b"a.n[%d].op = relu\n" % i for i in range(50_000))
    return net("relu | identity") + b"genotype g {\n" + places + b"}\n"


def _astronomical() -> bytes:
    return cell("node n[60] { from some of earlier; op identity | relu; merge add }\nout last(n)")


def _subset_of_hundreds() -> bytes:
    return cell("node n[300] { from some of earlier; op identity | relu; merge add }\nout last(n)")


def _alternatives() -> str:
    return " | ".join(f"conv({i})" for i in range(1, 70_000))


# Each is refused with an error that has a position, but for those that are too large to be read at all.
FILES: Final[dict[str, Callable[[], bytes]]] = {
    "parentheses": lambda: net(nested("(", "relu", ")")),
    "brackets": lambda: net("one of " + nested("[", "relu", "]")),
    "braces": lambda: net(nested("{", "relu", "}")),
    "open parentheses": lambda: net("(" * 100_000),
    "repeats in repeats": lambda: net(nested("repeat 2 { ", "relu", " }")),
    "shortcuts in shortcuts": lambda: net(nested("shortcut {", "relu", "}")),
    "branches in branches": lambda: net(nested("branch add {relu} {", "relu", "}")),
    "repeats in repeats, as many as are read": lambda: net(nested("repeat 2 { ", "relu", " }", 90)),
    "calls in calls": lambda: net(nested("conv(k = ", "3", ")")),
    "fresh": lambda: net("fresh " * 10_000 + "relu"),
    "one of one of": lambda: net("one of " * 10_000 + "[relu]"),
    "sums": lambda: net("conv(" + "+".join(["1"] * 10_000) + ")"),
    "products": lambda: net("conv(" + "*".join(["1"] * 10_000) + ")"),
    "except": lambda: net("one of [relu]" + " except [identity]" * 10_000),
    "minus signs": lambda: net("conv(" + "-" * 10_000 + "1)"),
    "dots": lambda: net("a" + ".a" * 100_000),
    "choices in choices": lambda: net(nested("(relu | ", "identity", ")")),
    "a million alternatives": lambda: net("|".join(["a"] * 450_000)),
    "different alternatives": lambda: net(_alternatives()),
    "alternatives of numbers": lambda: net(f"conv({'|'.join(map(str, range(1, 100_000)))})"),
    "a deep path": lambda: net("relu") + b"genotype g { a" + b"[0].a" * 20_000 + b" = 3 }\n",
    "repeat 1000000000": lambda: net("repeat 1000000000 { relu }"),
    "repeat 1..1000000000": lambda: net("repeat 1..1000000000 { relu }"),
    "repeat 1 | 1000000000": lambda: net("repeat 1 | 1000000000 { relu }"),
    "a million motifs": lambda: net("m[0]", "motif m[1000000](x) { node n { from x; op relu }; out n }\n"),
    "a million nodes": lambda: cell("node n[1000000] { from prev; op relu }\nout last(n)"),
    "a thousand nodes that read all": lambda: cell("node n[1000] { from all of earlier; merge add }\nout last(n)"),
    "subsets of hundreds": _subset_of_hundreds,
    "a million picks": lambda: cell("node n { from pick 1000000 of x with repeats; merge add }\nout n"),
    "picks of an open count": _picks,
    "a range without end": lambda: net("conv(one of 8..1000000000 step 1)"),
    "a huge list of widths": lambda: net("conv(3, width = one of 8..1000000 step 1)"),
    "levels": lambda: net("f", "cell f(p[0..1000000000]) { out p[3] }\n"),
    "order of many": lambda: cell("node n[900] { from x; level order of 1..900 }\nout last(n)"),
    "each": _each_exploding,
    "motifs of motifs": _multiplied,
    "lists of lists": _ops_doubling,
    "blocks in blocks": _blocks_doubling,
    "blocks in branches": lambda: _blocks_doubling("{ branch add { b%d } { b%d } }"),
    "blocks in repeats": _blocks_in_repeats,
    "blocks that decide": _deciding_blocks_doubling,
    "powers by parameters": _params_doubling,
    "parameters in a circle": _circle,
    "blocks in a circle": lambda: net("a", "block a { b }\nblock b { c }\nblock c { a }\n"),
    "shared operations of shared operations": _shared_operations,
    "sums of shared choices": lambda: net(
        "conv(l49)", doubling(50, lambda i: f"let l{i} = l{i - 1} + l{i - 1}\n", "let l0 = 1 | 2\n")
    ),
    "motifs that use the one before twice": lambda: net("m40", _motifs_doubling(41)),
    "motifs that use the one before": lambda: net("m45", _motifs_in_a_row(46)),
    "blocks in blocks in braces": _blocks_in_braces,
    "an import of itself": lambda: b'use "space.nas" (f)\n' + net("relu"),
    "an import of /dev/zero": lambda: b'use "/dev/zero" (f)\n' + net("relu"),
    "an import of what lies outside": lambda: b'use "../../../../../../../../dev/zero" (f)\n' + net("relu"),
    "imports without number": lambda: b"".join(b'use "a%d.nas" (f)\n' % i for i in range(10_000)) + net("relu"),
    "a number of 10,000 digits": lambda: net(f"conv({'9' * 10_000})"),
    "a fraction of 10,000 digits": lambda: net(f"conv(0.{'9' * 10_000})"),
    "a power beyond floats": lambda: net("conv(1e999999999)"),
    "a name of 500,000 letters": lambda: net("a" * 500_000),
    "a string of 500,000 letters": lambda: net(f'conv("{"a" * 500_000}")'),
    "a string that does not end": lambda: net('conv("' + "a" * 500_000),
    "quotes": lambda: net('"' * 500_001),
    "100,000 declarations": lambda: net("relu", "".join(f"param p{i}=1\n" for i in range(60_000))) + b"x",
    "100,000 declarations of one name": lambda: net("relu", "param p=1\n" * 90_000),
    "mistakes without number": lambda: b"net {\n" * 150_000,
    "keywords": lambda: b"cell " * 190_000,
    "unknown names": lambda: net("; ".join(f"unknown_{i}" for i in range(50_000))),
    "unknown names that are nearly known": lambda: net("; ".join(f"identit{i}" for i in range(20_000))),
    "a cell of many mistakes": _mistakes_in_a_cell,
    "a genotype of 50,000 places": _places,
    "a line of 10 MB": lambda: net("relu; " * 1_700_000),
    "a file of 10 MB": lambda: net("relu\n" * 2_000_000),
    "a comment of 900 KB": lambda: net("relux # " + "#" * 900_000 + "\n"),
    "1 MB of spaces": lambda: b" " * 1_000_000,
    "999 KB of spaces before a mistake": lambda: b" " * 999_000 + b"x",
    "line ends": lambda: b"\n" * 999_000 + b"x",
    "carriage returns": lambda: b"\r" * 500_000 + b"x",
    "semicolons": lambda: b";" * 900_000 + b"x",
    "null bytes": lambda: b"\0" * 1000,
    "a null byte in a name": lambda: net("re\0lu"),
    "surrogates": lambda: net("relu").replace(b"relu", b"\xed\xa0\x80\xed\xb0\x80"),
    "half a character": lambda: net("relu") + "é".encode()[:1],
    "a byte order mark in the middle": lambda: net("\ufeffrelu"),
    "line separators": lambda: net("relu \u2028 identity \u2029 relu"),
    "only a byte order mark": lambda: b"\xef\xbb\xbf",
    "nothing": lambda: b"",
    "digits of other scripts": lambda: net("conv(\u0663)"),
    "superscripts": lambda: net("conv(3\u00b2)"),
}  # fmt: skip

# What looks hostile and is right.
RIGHT: Final[dict[str, Callable[[], bytes]]] = {
    "sums of parameters": _sums_of_params,
    "shared choices of shared choices": _lets_doubling,
    "a thousand motifs in each other": lambda: net(
        "m[0]",
        "motif k[1000](x) { node n { from x; op relu }; out n }\n"
        "motif m[1000](x) { node n { from x; op one of k }; out n }\n",
    ),
    "sums, as many as are read": lambda: net("conv(" + "+".join(["in"] * 95) + ")"),
    "line ends of Windows": lambda: net("relu").replace(b"\n", b"\r\n"),
    "a byte order mark": lambda: b"\xef\xbb\xbf" + net("relu"),
    "90 parentheses": lambda: net("shortcut { " * 20 + nested("(", "relu", ")", 20) + " }" * 20),
    "a space of 2^1000": lambda: net("repeat 1000 { relu | identity }"),
    "a space of astronomical size": _astronomical,
}
