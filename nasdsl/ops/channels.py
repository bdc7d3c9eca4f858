"""Operations that take some of an image's channels, or put them in another order: no weights."""

from __future__ import annotations

from nasdsl.ops.primitive import Args, Inputs, Parameter, Primitive, Shape, ShapeError
from nasdsl.ops.spatial import need_image, whole


def _image(name: str, inputs: Inputs) -> Shape:
    need_image(name, inputs[0])
    return inputs[0]


def _every(inputs: Inputs, args: Args) -> Shape:
    x, n, first = _image("every", inputs), whole(args, "n", 1), whole(args, "first", 0)
    if first >= min(n, x.width):
        raise ShapeError(
            f"`every` begins with one of the first {min(n, x.width)} channels, counted from 0, not {first}"
        )
    return x._replace(width=len(range(first, x.width, n)))


def _build_every(inputs: Inputs, output: Shape, args: Args) -> str:
    return f"{{0}}[:, {whole(args, 'first', 0)}::{whole(args, 'n', 1)}]"


def _chunk(inputs: Inputs, args: Args) -> Shape:
    x, n, i = _image("chunk", inputs), whole(args, "n", 1), whole(args, "i", 0)
    if x.width % n:
        raise ShapeError(f"`chunk` cannot cut {x.width} channels into {n} equal parts")
    if i >= n:
        raise ShapeError(f"`chunk` takes one of the parts 0 to {n - 1}, not {i}")
    return x._replace(width=x.width // n)


def _build_chunk(inputs: Inputs, output: Shape, args: Args) -> str:
    first = output.width * whole(args, "i", 0)
    return f"{{0}}[:, {first}:{first + output.width}]"


def _shuffled(inputs: Inputs, args: Args) -> Shape:
    x, groups = _image("channel_shuffle", inputs), whole(args, "groups", 2)
    if x.width % groups:
        raise ShapeError(f"`channel_shuffle` cannot deal {x.width} channels into {groups} equal groups")
    return x


def _build_shuffle(inputs: Inputs, output: Shape, args: Args) -> str:
    return f"{{0}}.unflatten(1, ({whole(args, 'groups', 2)}, -1)).transpose(1, 2).flatten(1, 2)"


CHANNELS = (
    Primitive(
        "every",
        "every n-th channel of an image, from channel `first` on (0 is the first)",
        _every,
        _build_every,
        (Parameter("n", required=True), Parameter("first", 0, least=0)),
    ),
    Primitive(
        "chunk",
        "part i, counted from 0, of an image whose channels are cut into n equal parts",
        _chunk,
        _build_chunk,
        (Parameter("n", required=True), Parameter("i", 0, least=0)),
    ),
    Primitive(
        "channel_shuffle",
        "the first channel of every group, then the second of every group, ... (ShuffleNet)",
        _shuffled,
        _build_shuffle,
        (Parameter("groups", 2),),
    ),
)
