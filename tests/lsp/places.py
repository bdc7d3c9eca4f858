"""A text in which `§` stands where the cursor is."""

from pathlib import Path

import nasdsl
from nasdsl.lsp.document import Document

SHIPPED = {name: path.read_text(encoding="utf-8") for name, path in nasdsl.shipped().items()}
TEXT = """use vision (identity, conv_bn, sep_conv, classifier)

param W = 16
param twice = 2 * W

ops few = [identity, sep_conv(3)]

# Two nodes in a row.
cell layer(x, k = 3) {
  node n[2] {
    from  pick 1 of earlier
    op    one of few
    then  conv_bn(k)
  }
  out last(n)
}

cell other = fresh layer(k = 5)

net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = twice)
  stage s (width = twice) { layer; other; sep_conv(k = 5); identity | sep_conv(3) }
  head  classifier(10)
}

genotype best of search {
  layer.n[0] { from x; op identity }
  layer.n[1] { from n[0]; op sep_conv(3) }
  other.n[0] { from x; op identity }
  other.n[1] { from x; op identity }
  search.s[3] = identity
}
"""


def marked(text: str) -> tuple[Document, int]:
    at = text.index("§")
    return Document(text.replace("§", ""), "own.nas", Path("own.nas")), at


def edited(old: str, new: str) -> tuple[Document, int]:
    """TEXT with one place typed anew."""
    assert old in TEXT
    return marked(TEXT.replace(old, new, 1))


def place(where: str, part: str = "") -> int:
    return TEXT.index(where) + where.index(part)
