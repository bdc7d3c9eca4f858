"""Puts a search together from what a run records: the open network, its supernet, the method and its parameters."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from pydantic import ValidationError
from torch import nn

from nasdsl.compiler.openlower import OpenNetwork, opened
from nasdsl.compiler.supernet import Supernet
from nasdsl.data.images import Images
from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean, error
from nasdsl.evolve import problem
from nasdsl.evolve.history import hashed
from nasdsl.evolve.problem import SpaceText
from nasdsl.relax import resource, table
from nasdsl.relax.architecture import architecture
from nasdsl.relax.method import Method, known
from nasdsl.relax.methods import METHODS
from nasdsl.relax.resource import Resource
from nasdsl.relax.search import Cosine, Search
from nasdsl.relax.settings import RelaxSettings
from nasdsl.relax.table import LatencyTable

Params = Mapping[str, int | float]


@dataclass
class Assembly:
    """A space on images, and the method that is to decide in it.

    `params` are those that the method has set for the stage it is in, beside the user's.
    """

    text: SpaceText
    settings: RelaxSettings
    data: Images
    device: torch.device
    latencies: LatencyTable | None = None
    params: dict[str, int | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises E0906 and E0911 for the method, what `problem.bind` does for the data, E090x for a decision, E093x for
        a resource."""
        self.method = method(self.settings)
        self.params = dict(self.method.params(0, self.settings.epochs))
        self.open = self._open()
        self.method.check(self.open)
        self.resource = self._resource()

    @property
    def space(self) -> Any:
        """The `SearchSpace` under the parameters of the stage."""
        return self.text.model_copy(update={"params": {**self.text.params, **self.params}}).load()

    def search(self) -> Search:
        """A search before its first epoch; every number in it follows from the seed."""
        asked, seed = self.settings, self.settings.seed
        supernet = self._supernet()
        drawn = architecture(self.open, torch.Generator().manual_seed(hashed("architecture", seed) >> 193))
        made = Search(
            supernet=supernet,
            architecture={name: nn.Parameter(each.detach().to(self.device)) for name, each in drawn.items()},
            optimiser=self._optimiser(supernet),
            schedule=Cosine(asked.learning_rate, asked.least_rate, asked.epochs),
            generator=torch.Generator().manual_seed(hashed("method", seed) >> 193),
            rng=random.Random(hashed("method", seed)),
            epochs=asked.epochs,
            resource=self.resource,
            clip=asked.clip,
            device=self.device,
        )
        self.method.begin(made)
        return made

    def turn(self, search: Search, params: Params) -> None:
        """Gives the search the supernet of other parameters, with new weights, where they are not those it has.

        Raises E0918 where the decisions are not the same under them.
        """
        if dict(params) == self.params:
            return
        before = {table.name: table.rows for table in self.open.tables}
        self.params = dict(params)
        self.open = self._open()
        if {table.name: table.rows for table in self.open.tables} != before:
            said = ", ".join(f"{name} = {value}" for name, value in self.params.items())
            raise error(
                "E0918", f"`{self.settings.method}` sets {said}, and `{self.text.name}` decides something else then"
            )
        self.resource = search.resource = self._resource()
        search.supernet = self._supernet()
        search.optimiser = self._optimiser(search.supernet)

    def _open(self) -> OpenNetwork:
        bound = problem.bind(self.space, self.data.channels, self.data.size, self.data.classes)
        return opened(bound.space, bound.binding, self.method.form)

    def _resource(self) -> Resource | None:
        """What the settings limit, if anything. Raises E093x where the open network has no such costs."""
        asked = self.settings
        if asked.target is None:
            return None
        measuring = table.command(asked.space, self.space, None, "latency.json")
        wanted = resource.parse(asked.target, asked.strength, asked.form).on(self.latencies, measuring)
        wanted.check(self.open)
        return wanted

    def _supernet(self) -> Supernet:
        """Raises E0917 where there is nothing to train."""
        supernet = Supernet(self.open, seed=hashed("weights", self.settings.seed) >> 193)
        if not any(True for _ in supernet.parameters()):
            raise error("E0917", f"the networks of `{self.text.name}` have no weights to train")
        return supernet.to(self.device)

    def _optimiser(self, supernet: Supernet) -> torch.optim.Optimizer:
        asked = self.settings
        return torch.optim.SGD(
            supernet.parameters(),
            lr=asked.learning_rate,
            momentum=asked.momentum,
            weight_decay=asked.weight_decay,
            # Not fused: that fails where some weights have no gradient yet, as off the path of a step.
            foreach=True,
        )


def method(settings: RelaxSettings) -> Method:
    """The method the settings name, with its own settings. Raises E0906 where there is none, E0911 for these."""
    kind = known(settings.method, METHODS)
    try:
        # As JSON, in which a list may be a tuple.
        return kind(kind.Settings.model_validate_json(json.dumps(settings.method_settings)))
    except ValidationError as mistakes:
        fields = kind.Settings.model_fields
        raise NasdslError(_mistake(settings.method, each, fields) for each in mistakes.errors()) from None


def _mistake(name: str, mistake: Any, fields: Iterable[str]) -> Diagnostic:
    """A mistake that pydantic found in the settings of a method, in a person's words."""
    where = ".".join(map(str, mistake["loc"])) or "settings"
    if mistake["type"] == "extra_forbidden":
        has = f"its settings are {', '.join(fields)}" if fields else "it has none"
        return Diagnostic(
            "E0911", f"`{name}` has no setting `{where}`", notes=(has,), helps=did_you_mean(where, fields)
        )
    wanted = str(mistake["msg"]).removeprefix("Input ").removeprefix("Value error, ").removeprefix("should ")
    return Diagnostic("E0911", f"the setting `{where}` of `{name}` is {mistake['input']!r}, and should {wanted}")
