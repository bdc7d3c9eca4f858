"""A space made again from its text: what is pickled of it is what it was read with, and no object of the compiler."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from nasdsl.compiler.load import loads
from nasdsl.space import narrow
from nasdsl.space import skeleton as sk
from nasdsl.space.model import SearchSpace

Pairs = tuple[tuple[str, Any], ...]

HELD = 8
"""How many spaces are kept, so that genotypes that arrive one by one share theirs."""


def reduced(space: SearchSpace) -> tuple[Callable[..., SearchSpace], tuple[Any, ...]]:
    """What a pickle holds of a space."""
    if space.skeleton is None:
        raise TypeError(f"the space `{space.name}` was not made from a text, and cannot be pickled")
    net = space.net if isinstance(space.skeleton.root, sk.Net) else None
    params, imports = tuple(space.params.items()), tuple(space.imports.items())
    return loaded, (space.name, space.source, net, params, imports, space.ops, space.narrowed)


@lru_cache(HELD)
def loaded(
    name: str, source: str, net: str | None, params: Pairs, imports: Pairs, ops: tuple[str, ...],
    narrowed: tuple[str, ...],
) -> SearchSpace:  # fmt: skip
    """The space of a text, narrowed as it was; one object for one text. NasdslError as in `loads`."""
    space = loads(source, f"{name}.nas", dict(params), net, ops=ops, imports=dict(imports))
    return narrow.again(space, narrowed)
