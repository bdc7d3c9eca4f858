"""The figures in `tests/published`, and what the shipped spaces give beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

import nasdsl
from nasdsl.compiler.network import Network

from .checksum import outputs, shape_hash

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Figures:
    """A published network; None where nobody published the figure.

    `params` are those of the file at which the `genotype` stands; without a name it is the only one of its net.
    `with_taps` holds the parameters and the hash of the network as it is trained, with its auxiliary heads.
    A `note` says in words why a figure does not agree.
    """

    space: str
    net: str
    genotype: str | None
    params: dict[str, int]
    published_params: int | None
    published_macs: int | None
    hash: str | None
    input: list[int] | None
    first4: list[float] | None
    note: str | None
    origin: str
    with_taps: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.net, self.genotype)))


@dataclass(frozen=True)
class Space:
    """A shipped file with its exact size.

    `valid` counts the genotypes that meet its constraints, where it has any; an output may still be unreached.
    """

    name: str
    source: str
    size: int
    size_as_published: str | None
    valid: int | None
    networks: tuple[Figures, ...]

    @property
    def lines(self) -> int:
        return len((ROOT / "spaces" / f"{self.name}.nas").read_text(encoding="utf-8").splitlines())

    def size_differs(self) -> dict[str, tuple[Any, Any]]:
        """What is published and what we give, where these are not equal."""
        made = nasdsl.load(ROOT / "spaces" / f"{self.name}.nas")
        return unequal({"size": (self.size, made.size), "valid": (self.valid, made.pool.size)})


def spaces() -> Iterator[Space]:
    """All that have figures, by name."""
    for path in sorted((ROOT / "tests" / "published").glob("*.json")):
        entry = json.loads(path.read_text(encoding="utf-8"))
        if "networks" not in entry:
            continue
        name = entry["space"].removesuffix(".nas")
        yield Space(
            name,
            entry["source"],
            int(entry["size"]),
            entry["size_as_published"],
            int(entry["valid"]) if "valid" in entry else None,
            tuple(
                Figures(name, origin=given["from"], **{key: given[key] for key in given if key != "from"})
                for given in entry["networks"]
            ),
        )


@cache
def loaded(space: str, net: str, params: tuple[tuple[str, int], ...]) -> nasdsl.SearchSpace:
    return nasdsl.load(ROOT / "spaces" / f"{space}.nas", dict(params), net)


def network(figures: Figures) -> Network:
    """Our network of the genotype."""
    space = loaded(figures.space, figures.net, tuple(figures.params.items()))
    if figures.genotype is None:
        assert space.size == 1, f"which of the {space.size} genotypes of `{figures.space}`?"
        return nasdsl.network(space[0])
    return nasdsl.network(space.point(figures.genotype))


def costs_differ(figures: Figures) -> dict[str, tuple[Any, Any]]:
    """What is published and what we give, of the figures that need no module, where these are not equal."""
    ours, trained = network(figures), figures.with_taps or {}
    return unequal(
        {
            "parameters": (figures.published_params, ours.params),
            "multiply-adds": (figures.published_macs, ours.macs),
            "parameters with taps": (trained.get("params"), ours.with_taps.params),
        }
    )


def differ(figures: Figures) -> dict[str, tuple[Any, Any]]:
    """What is published and what we give, of all figures, where these are not equal."""
    ours, trained = network(figures), figures.with_taps or {}
    try:
        with torch.device("meta"):
            module = nasdsl.build(nasdsl.architecture(ours))
            tapped = nasdsl.build(nasdsl.architecture(ours), taps=True)
    except nasdsl.NasdslError as mistake:
        return costs_differ(figures) | {"module": (None, str(mistake))}
    held = sum(p.numel() for p in module.parameters())
    found = costs_differ(figures) | unequal(
        {
            "parameters of the module": (ours.params, held),
            "shapes": (figures.hash, shape_hash(module.parameters())),
            "shapes with taps": (trained.get("hash"), shape_hash(tapped.parameters())),
        }
    )
    if figures.first4 is not None:
        assert figures.input is not None, "outputs are those of an input"
        first4 = outputs(nasdsl.build(nasdsl.architecture(ours), seed=0), figures.input)[:4].tolist()
        if max(abs(a - b) for a, b in zip(figures.first4, first4, strict=True)) > TOLERANCE:
            found["outputs"] = (figures.first4, first4)
    return found


def unequal(pairs: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Those of which there is a published figure, and ours is another."""
    return {what: (theirs, ours) for what, (theirs, ours) in pairs.items() if theirs is not None and theirs != ours}
