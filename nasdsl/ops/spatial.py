"""The one spatial rule of the language: stride s takes n to ceil(n / s), at any n and for every kernel."""

from __future__ import annotations

from dataclasses import dataclass

from nasdsl.ops.primitive import Args, Parameter, Shape, ShapeError, described

# Pixels of padding on each side; without it stride s takes n pixels to ceil(n / s).
PADDING = Parameter("padding", least=0)


def whole(args: Args, name: str, default: int) -> int:
    """The whole number given for `name`, or the default where nothing was given. Raises ShapeError on a fraction."""
    value = args.get(name)
    if value is None:
        return default
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ShapeError(f"`{name}` must be a whole number, not {value}")


def padding(args: Args) -> int | None:
    """The padding that was given, in pixels a side."""
    return whole(args, "padding", 0) if "padding" in args else None


def halved(n: int, times: int) -> int:
    """ceil(n / 2**times): the size of an n pixel side `times` pyramid levels up."""
    return -(-n >> times)


@dataclass(frozen=True, slots=True)
class Axis:
    """A sliding window along one dimension.

    The padding is `reach - 1` in all, which alone gives ceil(n / stride) outputs at any n. Odd reaches share it evenly.
    Even ones put the first window so that a size the stride divides is covered evenly: max_pool(2, stride = 2) reads
    pairs from the first pixel on, and the padding at the end is read only where a partner is missing.
    `given` pixels on both sides instead give as many outputs as there are windows that fit.
    """

    kernel: int
    stride: int = 1
    dilation: int = 1
    given: int | None = None

    @property
    def reach(self) -> int:
        """Pixels from the first to the last that one window reads."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padding(self) -> tuple[int, int]:
        """Pixels added before and after."""
        if self.given is not None:
            return self.given, self.given
        spare = self.reach - 1
        before = spare // 2 if spare % 2 == 0 else max(self.reach - self.stride, 0) // 2
        return before, spare - before

    def outputs(self, n: int) -> int:
        """How many windows there are along n pixels. Raises ShapeError where none fits into the padding given."""
        if self.given is None:
            return -(-n // self.stride)
        spare = n + 2 * self.given - self.reach
        if spare < 0:
            within = f"{n} pixels with padding {self.given}"
            raise ShapeError(f"a window over {self.reach} pixels does not fit into {within}")
        return spare // self.stride + 1


@dataclass(frozen=True, slots=True)
class Window:
    """A window over height and width."""

    high: Axis
    wide: Axis

    @property
    def kernel(self) -> tuple[int, int]:
        return self.high.kernel, self.wide.kernel

    @property
    def stride(self) -> tuple[int, int]:
        return self.high.stride, self.wide.stride

    @property
    def dilation(self) -> tuple[int, int]:
        return self.high.dilation, self.wide.dilation

    @property
    def even_padding(self) -> tuple[int, int] | None:
        """The padding of height and width where both sides get the same, else None."""
        (top, bottom), (left, right) = self.high.padding, self.wide.padding
        return (top, left) if top == bottom and left == right else None

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """Padding as (left, right, top, bottom), the order of `torch.nn.functional.pad`."""
        return *self.wide.padding, *self.high.padding

    def over(self, x: Shape, width: int) -> Shape:
        """The shape the window makes of an image. The level follows the height: 1 x 2 then 2 x 1 strides count once."""
        size = self.high.outputs(x.size[0]), self.wide.outputs(x.size[1])
        return Shape(width, size, x.level + self.high.stride.bit_length() - 1)


def need_image(name: str, x: Shape) -> None:
    """Raises ShapeError where `x` has no height and width."""
    if len(x.size) != 2:
        raise ShapeError(f"`{name}` reads an image, but its input is {described(x)}")


def need_sequence(name: str, x: Shape) -> None:
    """Raises ShapeError where `x` has no length."""
    if len(x.size) != 1:
        raise ShapeError(f"`{name}` reads a sequence, but its input is {described(x)}")
