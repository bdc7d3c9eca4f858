"""Where the code of networks is made to run: its functions see `torch`, `F`, and nothing else that they name."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from textwrap import dedent
from typing import Any

import torch
from torch.nn import functional as F

__all__ = ["F", "function", "torch"]

MOST = 1024
_numbers = count()
_files: list[str] = []


@lru_cache(MOST)
def function(text: str) -> Callable[..., Any]:
    """The one function that `text` defines; a traceback through it, and `inspect`, show its lines.

    `text` is nasdsl's own: names in it are made by `namespace`, expressions by the builders of operations.
    """
    source, file = dedent(text), f"<network code {next(_numbers)}>"
    defined: dict[str, Any] = {}
    exec(compile(source, file, "exec"), globals(), defined)
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    _files.append(file)
    if len(_files) > MOST:
        linecache.cache.pop(_files.pop(0), None)
    (made,) = defined.values()
    return made  # type: ignore[no-any-return]
