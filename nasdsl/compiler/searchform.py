"""The form in which a network stands in a supernet: the conventions of the method that searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SearchForm:
    """What a method changes in a network while it searches; a genotype is lowered in it as the whole space is.

    `affine`: batch norms have scale and shift: `all` of them, those `outside` of cells and motifs (DARTS, section 3,
    whose candidates have none while searching), or `none` (SPOS's code).
    `pool_norm`: a pool that is a candidate is followed by a batch norm without them.
    `partial`: of the edges of nodes 1/partial of the channels pass the candidates, the others pass by, and channels
    are shuffled (PC-DARTS, section 3.2). `edges`: every edge of a node has a weight of its own beside those of its
    candidates (PC-DARTS, section 3.3). `merged`: candidates of one kind share the largest weight (MergeNAS, section 3).
    """

    affine: Literal["all", "outside", "none"] = "all"
    pool_norm: bool = False
    partial: int = 1
    edges: bool = False
    merged: bool = False


DARTS = SearchForm(affine="outside", pool_norm=True)
