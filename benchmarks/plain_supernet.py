"""The supernets of DARTS and PC-DARTS by hand, in plain eager PyTorch: what others are proved and measured against.

DARTS: Differentiable Architecture Search (Liu et al., 2019), sections 2 and 3.1.1; PC-DARTS: Partial Channel
Connections for Memory-Efficient Architecture Search (Xu et al., 2020), sections 3.2 and 3.3. Nothing here is clever on
purpose: a mixed operation evaluates all of its candidates and adds them up, one edge after another.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

# The candidates of an edge; their order is that of the columns of the mixing weights.
CANDIDATES = (
    "none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
    "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5",
)  # fmt: skip
NODES = 4
EDGES = sum(2 + node for node in range(NODES))


def added(terms: Iterable[Tensor]) -> Tensor:
    return functools.reduce(operator.add, terms)


class ReLUConvBN(nn.Sequential):
    def __init__(self, c_in: int, c: int) -> None:
        super().__init__(nn.ReLU(), nn.Conv2d(c_in, c, 1, bias=False), nn.BatchNorm2d(c, affine=False))


class FactorizedReduce(nn.Module):
    """Halves height and width: two 1x1 convolutions of stride 2, one off by a pixel, make half the channels each."""

    def __init__(self, c_in: int, c: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.even = nn.Conv2d(c_in, c // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(c_in, c - c // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(c, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        return self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], 1))


class Zero(nn.Module):
    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x[:, :, :: self.stride, :: self.stride])


class SepConv(nn.Sequential):
    """A depthwise separable convolution, twice; the first has the stride."""

    def __init__(self, c: int, kernel: int, stride: int) -> None:
        layers: list[nn.Module] = []
        for s in (stride, 1):
            layers += [
                nn.ReLU(),
                nn.Conv2d(c, c, kernel, s, kernel // 2, groups=c, bias=False),
                nn.Conv2d(c, c, 1, bias=False),
                nn.BatchNorm2d(c, affine=False),
            ]
        super().__init__(*layers)


class DilConv(nn.Sequential):
    """A depthwise separable convolution with dilation 2."""

    def __init__(self, c: int, kernel: int, stride: int) -> None:
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(c, c, kernel, stride, kernel - 1, dilation=2, groups=c, bias=False),
            nn.Conv2d(c, c, 1, bias=False),
            nn.BatchNorm2d(c, affine=False),
        )


def candidate(name: str, c: int, stride: int) -> nn.Module:
    if name == "none":
        return Zero(stride)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(c, c)
    if name == "max_pool_3x3":
        return nn.Sequential(nn.MaxPool2d(3, stride, 1), nn.BatchNorm2d(c, affine=False))
    if name == "avg_pool_3x3":
        pool = nn.AvgPool2d(3, stride, 1, count_include_pad=False)
        return nn.Sequential(pool, nn.BatchNorm2d(c, affine=False))
    kind, kernel = (SepConv if name.startswith("sep") else DilConv), int(name[-1])
    return kind(c, kernel, stride)


class MixedOp(nn.Module):
    """All candidates of an edge, added up with their weights."""

    def __init__(self, c: int, stride: int) -> None:
        super().__init__()
        self.candidates = nn.ModuleList(candidate(name, c, stride) for name in CANDIDATES)

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        return added(weight * op(x) for weight, op in zip(weights, self.candidates, strict=True))


class PartialMixedOp(nn.Module):
    """A mixed operation on the first of `parts` slices of the channels; the others pass by, then all are shuffled."""

    def __init__(self, c: int, stride: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.mixed = MixedOp(c // parts, stride)
        self.by = nn.Identity() if stride == 1 else nn.MaxPool2d(2, 2)

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        taken = x.shape[1] // self.parts
        x = torch.cat([self.mixed(x[:, :taken], weights), self.by(x[:, taken:])], 1)
        n, c, h, w = x.shape
        return x.view(n, self.parts, c // self.parts, h, w).transpose(1, 2).reshape(n, c, h, w)


class Cell(nn.Module):
    def __init__(self, c2: int, c1: int, c: int, reduction: bool, after_reduction: bool, parts: int) -> None:
        super().__init__()
        self.before2 = FactorizedReduce(c2, c) if after_reduction else ReLUConvBN(c2, c)
        self.before1 = ReLUConvBN(c1, c)
        self.edges = nn.ModuleList()
        for node in range(NODES):
            for source in range(2 + node):
                stride = 2 if reduction and source < 2 else 1
                self.edges.append(MixedOp(c, stride) if parts == 1 else PartialMixedOp(c, stride, parts))

    def forward(self, s2: Tensor, s1: Tensor, weights: Tensor, betas: Tensor | None) -> Tensor:
        states = [self.before2(s2), self.before1(s1)]
        first = 0
        for _ in range(NODES):
            edges = range(first, first + len(states))
            terms = [self.edges[edge](x, weights[edge]) for edge, x in zip(edges, states, strict=True)]
            if betas is not None:
                terms = [betas[edge] * term for edge, term in zip(edges, terms, strict=True)]
            first += len(states)
            states.append(added(terms))
        return torch.cat(states[2:], 1)


class PlainSupernet(nn.Module):
    """The whole network while searching. Its parameters are its weights; mixing weights are given with the images.

    `parts` is the K of PC-DARTS: of how many slices of the channels one passes the candidates; 1 is DARTS.
    """

    def __init__(self, c: int = 16, cells: int = 8, classes: int = 10, parts: int = 1) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * c, 3, padding=1, bias=False), nn.BatchNorm2d(3 * c))
        self.cells = nn.ModuleList()
        self.reductions = (cells // 3, 2 * cells // 3)
        c2 = c1 = 3 * c
        for i in range(cells):
            reduction = i in self.reductions
            c *= 2 if reduction else 1
            self.cells.append(Cell(c2, c1, c, reduction, i - 1 in self.reductions, parts))
            c2, c1 = c1, NODES * c
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(c1, classes)

    def forward(self, x: Tensor, tables: Sequence[Tensor], betas: Sequence[Tensor] | None = None) -> Tensor:
        """Logits (batch, classes) of images (batch, 3, height, width).

        `tables` are the mixing weights of normal and reduction cells, (14, 8) each; `betas` those of their edges, (14,)
        each, where edges have weights.
        """
        s2 = s1 = self.stem(x)
        for i, cell in enumerate(self.cells):
            kind = int(i in self.reductions)
            s2, s1 = s1, cell(s2, s1, tables[kind], None if betas is None else betas[kind])
        return self.head(self.pool(s1).flatten(1))


def channels_last(supernet: PlainSupernet) -> PlainSupernet:
    """The same supernet with its weights in channels-last; give it images in channels-last too."""
    return supernet.to(memory_format=torch.channels_last)


def uniform() -> list[Tensor]:
    """The mixing weights that architecture parameters of 0 give, normal and reduction."""
    return [torch.full((EDGES, len(CANDIDATES)), 1 / len(CANDIDATES), dtype=torch.float64) for _ in range(2)]


def uniform_edges() -> list[Tensor]:
    """The weights of edges that parameters of 0 give: those into one node sum to 1."""
    betas = [1 / (2 + node) for node in range(NODES) for _ in range(2 + node)]
    return [torch.tensor(betas, dtype=torch.float64) for _ in range(2)]
