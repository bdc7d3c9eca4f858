"""The hyper-parameters of a space, as settings of a candidate's training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from itertools import islice
from typing import Any

from pydantic import ValidationError

from nasdsl.diagnostics import Diagnostic, Label, NasdslError, did_you_mean
from nasdsl.evolve.settings import TrainSettings, diagnostic

# The names a file may use. The share of images held back belongs to the run: all candidates are scored on the same.
KNOWN: Mapping[str, str] = {
    "lr": "learning_rate",
    **{name: name for name in TrainSettings.model_fields if name != "validation"},
}
MOST_VALUES = 4096


def adjusted(train: TrainSettings, hypers: Mapping[str, Any]) -> TrainSettings:
    """The settings with those that the genotype decides; names that training does not know are left out."""
    told = {KNOWN[name]: value for name, value in hypers.items() if name in KNOWN}
    return TrainSettings(**{**train.model_dump(), **told}) if told else train


def check(space: Any, given: Set[str]) -> None:
    """E0615 for a hyper-parameter that training does not know, or that is `given` for the run; E0604 for a value."""
    problems: list[Diagnostic] = []
    first: dict[str, Any] = {}
    for hyper in space.skeleton.hypers:
        setting = KNOWN.get(hyper.name)
        if setting is None:
            message = f"the training of a candidate has no setting `{hyper.name}`"
            notes = ("it has " + ", ".join(KNOWN),)
            helps = did_you_mean(hyper.name, KNOWN)
            problems.append(Diagnostic("E0615", message, hyper.span, "unknown setting", notes=notes, helps=helps))
        elif setting in first:
            message = f"`{first[setting].name}` and `{hyper.name}` are one setting"
            labels = (Label(first[setting].span, "the first"),)
            problems.append(Diagnostic("E0615", message, hyper.span, "the second", labels))
        elif setting in given:
            alias = f" as `{hyper.name}`" if hyper.name != setting else ""
            message = f"`{setting}` is given for the run, and the space decides it{alias}"
            problems.append(Diagnostic("E0615", message, hyper.span, "decided here"))
        else:
            first[setting] = hyper
            problems += _wrong(space, hyper, setting)
    if problems:
        raise NasdslError(problems)


def _wrong(space: Any, hyper: Any, setting: str) -> Iterator[Diagnostic]:
    """What is wrong with the values a hyper-parameter can take, the first of them."""
    from nasdsl.compiler.check import every_decision
    from nasdsl.compiler.frame import Frame, value
    from nasdsl.compiler.oracle import Oracle

    oracle = Oracle({decision.path: decision for decision in every_decision(space)})
    for _ in islice(oracle.runs(), MOST_VALUES):
        told = {setting: value(hyper.value, Frame(1, 1), oracle)}
        try:
            TrainSettings(**told)  # type: ignore[arg-type]
        except ValidationError as problem:
            yield replace(diagnostic(problem.errors()[0], told), span=hyper.span)
            return
