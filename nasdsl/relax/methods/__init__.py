"""The methods of relaxation, by their names."""

from __future__ import annotations

from collections.abc import Mapping

from nasdsl.relax.method import Method
from nasdsl.relax.methods.darts import Amended, Darts, MergeNas, PcDarts
from nasdsl.relax.methods.gates import FairDarts, GoldNas
from nasdsl.relax.methods.nasp import Nasp
from nasdsl.relax.methods.paths import Enas, FairNas, OneShot, Spos
from nasdsl.relax.methods.proxyless import Proxyless
from nasdsl.relax.methods.sampled import DrNas, Gdas, Snas
from nasdsl.relax.methods.staged import DartsPlus, PDarts

ALL: tuple[type[Method], ...] = (
    Darts, Snas, Gdas, PcDarts, PDarts, DartsPlus, FairDarts, GoldNas, Nasp, Amended, MergeNas, Proxyless, DrNas,
    Spos, FairNas, Enas, OneShot,
)  # fmt: skip
METHODS: Mapping[str, type[Method]] = {method.name: method for method in ALL}
