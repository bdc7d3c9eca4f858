"""Copies that a net makes with `fresh`: each a name of its own, and the repetitions around it written out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion
from nasdsl.compiler.names import Definition, Scope
from nasdsl.compiler.quantities import integer
from nasdsl.compiler.rewrite import lookup, parts
from nasdsl.source import Span
from nasdsl.syntax import tree


@dataclass
class Copy:
    """One copy: of which graph, where it is written, and what it is called."""

    of: Definition
    at: Span
    name: str


@dataclass
class Copies:
    """The copies of one net. `local` are names to which a body may give another meaning; `named` names a copy."""

    x: Expansion
    scope: Scope
    local: set[str]
    named: Callable[[Definition], str]
    made: list[Copy] = field(default_factory=list)
    # Where the last `fresh` stands that is not one copy. Those before it stay as they are, too: the decisions of all
    # stand in the order of the text, and those of a declaration behind the net.
    last: int = -1

    def written_out(self, net: tree.Net) -> tuple[Any, ...]:
        """The parts of a net with every `fresh` graph a name, and the repetitions around it written out."""
        repeats = (part for part in parts(net) if isinstance(part, tree.Repeat))
        several = [part for repeat in repeats if self.times(repeat) is None for part in parts(repeat.body)]
        self.last = max((p.span.start for p in several if isinstance(p, tree.Fresh) and self.source(p)), default=-1)
        return self.steps(net.parts)

    def steps(self, steps: tuple[Any, ...]) -> tuple[Any, ...]:
        made: list[Any] = []
        for item in steps:
            step = item.step if isinstance(item, tree.Labelled) else item
            match step:
                case tree.Repeat() if self.copies_in(step.body) and (times := self.times(step)) is not None:
                    made += self.repeated(step, times)
                case tree.Stage() | tree.Shortcut() | tree.Repeat() if self.copies_in(step.body):
                    if not isinstance(step, tree.Repeat):
                        step = step.but(body=self.chain(step.body))
                    made.append(_relabelled(item, step))
                case tree.Branch():
                    chains = tuple(self.chain(chain) for chain in step.chains)
                    made.append(_relabelled(item, step.but(chains=chains)))
                case tree.Fresh():
                    made.append(_relabelled(item, self.fresh(step)))
                case _:
                    made.append(item)
        return tuple(made)

    def chain(self, chain: tree.Chain) -> tree.Chain:
        return chain.but(steps=self.steps(chain.steps))

    def repeated(self, step: tree.Repeat, times: int) -> list[Any]:
        """The steps of all repetitions."""
        made: list[Any] = []
        for _ in range(times):
            body = self.chain(step.body)
            # What has a name belongs to its repetition, which keeps a body of its own.
            own = any(isinstance(inner, tree.Let | tree.Labelled | tree.Tap) for inner in body.steps)
            made += [tree.Repeat(step.span, tree.Number(step.span, 1), body)] if own else body.steps
        return made

    def copies_in(self, chain: tree.Chain) -> bool:
        return any(isinstance(part, tree.Fresh) and self.declared(part) for part in parts(chain))

    def declared(self, fresh: tree.Fresh) -> bool:
        return fresh.span.start > self.last and self.source(fresh) is not None

    def source(self, fresh: tree.Fresh) -> Definition | None:
        """The graph that a `fresh` copies; None where it is a block, which is always fresh."""
        found = lookup(self.scope, fresh.value.name if isinstance(fresh.value, tree.Ref) else fresh.value.name.text)
        return found if found is not None and isinstance(found.what, tree.Graph) else None

    def times(self, step: tree.Repeat) -> int | None:
        """How often a body is repeated, where that is one fixed number."""
        named = {part.name for part in parts(step.count) if isinstance(part, tree.Ref)}
        fixed = (lookup(self.scope, name) for name in named)
        local = named & self.local
        if local or not all(found is not None and isinstance(found.what, tree.Param) for found in fixed):
            return None
        if not all(isinstance(part, tree.Number | tree.Binary | tree.Ref) for part in parts(step.count)):
            return None
        return integer(self.x, step.count, Context(self.scope), 0, MOST_ELEMENTS, "the count of a `repeat`")

    def fresh(self, step: tree.Fresh) -> tree.Expr:
        source = self.source(step)
        if source is None or not self.declared(step):
            return step
        assert isinstance(source.what, tree.Graph)
        name = self.named(source)
        self.made.append(Copy(source, step.span, name))
        if isinstance(step.value, tree.Ref):
            return step.value.but(name=name)
        return step.value.but(name=tree.Identifier(step.value.name.span, name))


def _relabelled(item: Any, step: Any) -> Any:
    return item.but(step=step) if isinstance(item, tree.Labelled) else step
