"""What the tables say about a row of tokens, without building anything: which terminals could come next."""

from __future__ import annotations

from collections.abc import Iterable

from nasdsl.syntax.tables import tables


def states_after(kinds: Iterable[str]) -> list[int]:
    """The stack of states once all `kinds` are shifted; they must be acceptable."""
    states = followed(kinds)
    assert states is not None, "every one of them was accepted before"
    return states


def followed(kinds: Iterable[str]) -> list[int] | None:
    """The stack of states once all `kinds` are shifted; None where one of them cannot follow."""
    states = [0]
    for kind in kinds:
        if not advance(states, kind):
            return None
    return states


def acceptable(states: list[int]) -> frozenset[str]:
    """The terminals that can really follow; the rows alone promise more, since LALR merges lookaheads."""
    known = tables()
    row = known.states[states[-1]]
    return frozenset(kind for kind in row if kind in _terminals() and _shift(states, kind) is not None)


def advance(states: list[int], kind: str) -> bool:
    """Shift `kind` in place; False where it cannot follow, and then the states are of no more use."""
    known = tables()
    while (action := known.states[states[-1]].get(kind)) is not None:
        if action >= 0:
            states.append(action)
            return True
        rule = known.rules[-1 - action]
        del states[len(states) - len(rule.shape) :]
        states.append(known.states[states[-1]][rule.origin])
    return False


def _terminals() -> dict[str, str]:
    return {**tables().terminals(), "$END": ""}


def _shift(states: list[int], kind: str) -> list[int] | None:
    stack = list(states)
    return stack if advance(stack, kind) else None
