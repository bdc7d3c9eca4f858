"""Candidates of one kind that share one weight: smaller kernels and widths are slices of the largest.

MergeNAS (Wang et al., 2020, section 3.2) merges the parametric operations of an edge; slices of kernels and widths are
those of Single-Path NAS (Stamoulis et al., 2019, section 3) and of once-for-all networks (Cai et al., 2020, section 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from nasdsl.compiler.module import put
from nasdsl.compiler.network import Op

MERGED = (nn.Conv1d, nn.Conv2d, nn.Linear)
_INDEX = re.compile(r"=\d+$|(?<=^at)\d+(_v?\d+)*$")


class Slice(nn.Module):
    """A layer whose weight is a part of that of another: the middle of its kernel, the first of its channels."""

    def __init__(self, own: nn.Module, largest: nn.Module) -> None:
        super().__init__()
        self.parts: dict[str, tuple[slice, ...]] = {}
        for name, tensor in list(own.named_parameters(recurse=False)):
            self.parts[name] = tuple(_parts(tensor, getattr(largest, name)))
            delattr(own, name)
        self.own = own
        # Outside of the modules: its parameters are those of the largest candidate, and of nobody else.
        self.largest = [largest]

    def tensors(self) -> Mapping[str, Tensor]:
        """The parameters it has at present."""
        return {name: getattr(self.largest[0], name)[part] for name, part in self.parts.items()}

    def forward(self, x: Tensor) -> Tensor:
        """What the layer makes of `x`, of any shape that it takes."""
        for name, tensor in self.tensors().items():
            setattr(self.own, name, tensor)
        try:
            made: Tensor = self.own(x)
        finally:
            for name in self.parts:
                setattr(self.own, name, None)
        return made


def _parts(small: Tensor, large: Tensor) -> Iterator[slice]:
    for dim, (own, whole) in enumerate(zip(small.shape, large.shape, strict=True)):
        start = (whole - own) // 2 if dim >= 2 else 0
        yield slice(start, start + own)


def merge(net: nn.Module, places: Mapping[int, str], ops: tuple[Op, ...]) -> None:
    """Puts slices of the largest candidate where others of its kind stand beside it; what does not fit in stays."""
    groups: dict[object, list[str]] = {}
    modules = dict(net.named_modules())
    for number, name in places.items():
        if isinstance(modules.get(name), MERGED):
            groups.setdefault(kind(ops[number]), []).append(name)
    for names in groups.values():
        layers = {name: modules[name] for name in names}
        first = max(names, key=lambda name: sum(p.numel() for p in layers[name].parameters()))
        for name in names:
            if name != first and _fits(layers[name], layers[first]):
                put(net, name, Slice(layers[name], layers[first]))


def kind(op: Op) -> object:
    """Where an operation stands, whichever of its candidates it is in, and of which blocks it is a part."""
    place = tuple(_INDEX.sub("", scope.name) if scope.kind == "choice" else scope.name for scope in op.scopes)
    blocks = tuple(scope.label.partition("(")[0] for scope in op.scopes if scope.kind == "block")
    last = op.path.rpartition(".")[2]
    return place, blocks, last, "groups" in dict(op.args)


def _fits(small: nn.Module, large: nn.Module) -> bool:
    own, whole = dict(small.named_parameters()), dict(large.named_parameters())
    if type(small) is not type(large) or own.keys() != whole.keys():
        return False
    shapes = [(own[name].shape, whole[name].shape) for name in own]
    return all(len(a) == len(b) and all(x <= y for x, y in zip(a, b, strict=True)) for a, b in shapes)
