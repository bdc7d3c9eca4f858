"""A genotype in which something does not fit, and the decisions that lead there in the words of its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from nasdsl.compiler.frame import Binding, Frame, Wire
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.oracle import Answers, Reason
from nasdsl.diagnostics import Diagnostic, Label, NasdslError
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Subset
from nasdsl.space.gates import Depth
from nasdsl.space.group import Decision

TRIES = 40
# For one file: operations looked at in proofs, steps of adding up what decisions bring, and the operations of the
# networks that show what does not fit.
MOST_WORK = 60_000
MOST_SUMS = 80_000
MOST_OPERATIONS = 24_000
MOST_SHOWN = 6
# What the text alone shows, whatever was decided.
PLAIN = frozenset({"E0208", "E0406"})


@dataclass(frozen=True, slots=True)
class Found:
    """Something that does not fit, and what was decided where it was met."""

    diagnostic: Diagnostic
    reason: Reason


class Patience:
    """What may still be spent on the proofs of one file, and on networks."""

    def __init__(self) -> None:
        self.work = MOST_WORK
        self.sums = MOST_SUMS
        self.left = MOST_OPERATIONS

    def spend(self, lowering: Lowering) -> None:
        self.left -= len(lowering.ops) + 10


def confirmed(
    skeleton: sk.Skeleton, decisions: Mapping[str, Decision], found: Found, binding: Binding | None, patience: Patience
) -> Diagnostic:
    """The diagnostic as a genotype shows it, with the decisions it takes; a warning where no genotype was found."""
    mistake = found.diagnostic
    if mistake.severity == "warning":
        return mistake
    for answers in _candidates(decisions, found.reason):
        if patience.left < 0:
            break
        seen = _seen(Witness(skeleton, answers, binding), mistake, patience)
        if seen is not None:
            if mistake.code in PLAIN:
                return seen
            needed = Needed(skeleton, decisions, answers, mistake, binding, patience)
            return replace(seen, notes=(*seen.notes, *needed.note()))
    note = "not proved: found by combining what each value can be, and not met in any genotype that was tried"
    return replace(mistake, severity="warning", notes=(*mistake.notes, note))


def _candidates(decisions: Mapping[str, Decision], reason: Reason) -> Iterator[Answers]:
    """Genotypes that may show it: that of the reason first, then others with it, then any."""
    yield Answers(decisions, reason, {})
    rng = Random(0)
    for i in range(TRIES):
        drawn = {path: d.alternative(rng.randrange(d.choices)) for path, d in decisions.items()}
        kept = {path: decided for path, decided in reason.items() if isinstance(path, str)} if i % 2 == 0 else {}
        yield Answers(decisions, {}, {**drawn, **kept})


def _seen(lowering: Lowering, mistake: Diagnostic, patience: Patience) -> Diagnostic | None:
    try:
        lowering.network()
    except NasdslError as met:
        return next((d for d in met.diagnostics if (d.code, d.span) == (mistake.code, mistake.span)), None)
    finally:
        patience.spend(lowering)
    return None


class Witness(Lowering):
    """A lowering that remembers where the user's own steps change a resolution."""

    def __init__(self, skeleton: sk.Skeleton, chosen: Mapping[str, object], binding: Binding | None) -> None:
        super().__init__(skeleton, chosen, binding)
        self.changes: dict[int, Label] = {}

    def taken(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        made = super().taken(step, wire, frame, width, stride, slot)
        before, after = wire.shape.size, made.shape.size
        if before != after and after and made.position is not None and not step.span.source.library:
            halves = all(-(-n // 2) == m for n, m in zip(before, after, strict=True))
            what = "halves the resolution" if halves else "changes the resolution"
            shown = [" x ".join(map(str, size)).replace(" ", "") for size in (before, after)]
            self.changes[made.position] = Label(step.span, f"{what}: {shown[0]} -> {shown[1]}")
        return made

    def causes(self, wires: tuple[Wire, ...]) -> tuple[Label, ...]:
        largest = max(w.shape.size for w in wires)
        found: dict[Span, Label] = {}
        for wire in wires:
            if wire.shape.size != largest and wire.position is not None:
                label = self.change_behind(wire.position)
                if label is not None:
                    found.setdefault(label.span, label)
        return tuple(found.values())[:2]

    def change_behind(self, position: int) -> Label | None:
        """The nearest change among the operations that a value comes from."""
        ahead, met = [position], set()
        while ahead:
            position = ahead.pop(0)
            if position in self.changes:
                return self.changes[position]
            if position not in met:
                met.add(position)
                ahead += self.ops[position].inputs
        return None


class Needed:
    """Which decisions of a genotype a mistake takes: those for which another alternative mends it."""

    def __init__(
        self, skeleton: sk.Skeleton, decisions: Mapping[str, Decision], answers: Answers, mistake: Diagnostic,
        binding: Binding | None, patience: Patience,
    ) -> None:  # fmt: skip
        self.skeleton, self.decisions, self.mistake, self.binding = skeleton, decisions, mistake, binding
        self.patience = patience
        self.taken = dict(answers.taken)

    def note(self) -> tuple[str, ...]:
        """`seen in motif `small[0]` with n[0].op[0] = max_pool(3), ...`; nothing where it is so in every genotype."""
        needed = [path for path in list(self.taken) if self.needs(path)]
        if not needed:
            return ()
        graphs = sorted(self.skeleton.graphs.values(), key=lambda g: -len(g.key))
        inside = next((g for g in graphs if all(p.startswith(g.key + ".") for p in needed)), None)
        cut = len(inside.key) + 1 if inside is not None else 0
        shown = [f"{path[cut:]} = {self.shown(path)}" for path in needed[:MOST_SHOWN]]
        if len(needed) > MOST_SHOWN:
            shown.append(f"and {len(needed) - MOST_SHOWN} more")
        where = f"seen in {inside.kind} `{inside.key}` with " if inside is not None else "seen with "
        return (where + ", ".join(shown),)

    def needs(self, path: str) -> bool:
        """Whether no other alternative of one decision shows the mistake too; if one does it is taken instead."""
        decision, own = self.decisions[path], self.taken[path]
        others = [decision.alternative(i) for i in range(min(decision.choices, 4))]
        for other in others:
            if other == own or self.patience.left < 0:
                continue
            answers = Answers(self.decisions, {}, {**self.taken, path: other})
            if _seen(Lowering(self.skeleton, answers, self.binding), self.mistake, self.patience) is not None:
                self.taken = dict(answers.taken)
                return False
        return decision.choices > 1

    def shown(self, path: str) -> str:
        """An own alternative as its genotype writes it."""
        decision, own = self.decisions[path], self.taken[path]
        if isinstance(decision, Subset):
            return decision.listed(own, bare=True)  # type: ignore[arg-type]
        if isinstance(decision, Depth):
            return str(own)
        options = decision.options
        return options[decision.index(own)] if isinstance(own, int) else ", ".join(options[i] for i in own)  # type: ignore[attr-defined]
