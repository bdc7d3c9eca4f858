"""What the primitives compute, against PyTorch written out."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nasdsl.diagnostics import InternalError
from nasdsl.ops.primitive import Args, Inputs, Shape, ShapeError, code
from nasdsl.ops.registry import get


def shape_of(x: Tensor) -> Shape:
    return Shape(x.shape[1], tuple(x.shape[2:]))


def run(name: str, *inputs: Tensor, **args: Any) -> Tensor:
    shapes = tuple(map(shape_of, inputs))
    primitive = get(name)
    built = primitive.build(shapes, primitive.shape(shapes, args), args)
    result: Tensor = code(built).run(*inputs)
    return result


def image(*size: int) -> Tensor:
    return torch.randn(2, *size)


def test_pools_are_those_of_darts() -> None:
    for n in (1, 5, 8, 15):
        for stride in (1, 2):
            x = image(3, n, n)
            assert run("max_pool", x, k=3, stride=stride).equal(F.max_pool2d(x, 3, stride, 1))
            average = F.avg_pool2d(x, 3, stride, 1, count_include_pad=False)
            assert run("avg_pool", x, k=3, stride=stride).equal(average)


def test_even_pools_leave_even_sizes_alone_and_never_read_padding() -> None:
    x = image(3, 8, 8)
    assert run("max_pool", x, k=2, stride=2).equal(F.max_pool2d(x, 2, 2))
    assert run("avg_pool", x, k=2, stride=2).equal(F.avg_pool2d(x, 2, 2))
    assert run("max_pool", x, k=4, stride=4).equal(F.max_pool2d(x, 4, 4))
    assert run("max_pool", x, k=4, stride=2).equal(F.max_pool2d(x, 4, 2, 1))
    for k in (2, 4, 6):
        for stride in (1, 2, 3, k):
            for n in (1, 5, 7):
                ones = torch.ones(2, 3, n, n)
                assert run("avg_pool", ones, k=k, stride=stride).allclose(torch.ones(()))
                assert (run("max_pool", -ones, k=k, stride=stride) == -1).all()


@pytest.mark.parametrize("n", range(1, 17))
def test_shift_is_the_second_path_of_the_factorised_reduction(n: int) -> None:
    x = image(4, n, n).requires_grad_()
    conv = nn.Conv2d(4, 5, 1, 2, bias=False)
    shifted = conv(run("shift", x, n=1))
    shifted.sum().backward()
    straight = conv(x)
    assert shifted.shape == straight.shape
    if n % 2 == 0:
        assert shifted.equal(conv(x[:, :, 1:, 1:]))
    else:
        if n > 1:
            assert shifted[:, :, :-1, :-1].equal(conv(x[:, :, 1:, 1:]))
        assert (shifted[:, :, -1] == 0).all()
        assert (shifted[:, :, :, -1] == 0).all()


def test_merges() -> None:
    a, b, c = image(4, 3, 5), image(4, 3, 5), image(4, 3, 5)
    assert run("add", a, b, c).equal(a + b + c)
    assert run("mul", a, b).equal(a * b)
    assert run("mean", a, b, c).allclose((a + b + c) / 3)
    assert run("max", a, b, c).equal(torch.stack([a, b, c]).amax(0))
    assert run("concat", a, b).equal(torch.cat([a, b], 1))
    for name in ("add", "mul", "mean", "max", "concat", "global_pool"):
        assert run(name, a).equal(a)


def test_a_vector_gates_an_image_from_either_side() -> None:
    x, gate = image(4, 3, 5), torch.randn(2, 4)
    expected = x * gate[:, :, None, None]
    assert run("mul", x, gate).equal(expected)
    assert run("mul", gate, x).equal(expected)


def test_the_absent_keep_their_place_as_zeros() -> None:
    a, b = image(4, 3, 5), image(2, 3, 5)
    merged = run("concat", a, b, layout=(1, 2, -1, 3, -1, 1))
    zeros = [torch.zeros(2, n, 3, 5) for n in (3, 3, 1)]
    assert merged.equal(torch.cat([zeros[0], a, zeros[1], b, zeros[2]], 1))
    nhwc = [x.to(memory_format=torch.channels_last) for x in (a, b)]
    assert run("concat", *nhwc, layout=(2, -1, -1)).is_contiguous(memory_format=torch.channels_last)


def test_global_pool_attends_to_the_second_by_the_first() -> None:
    a, b = image(4, 3, 5), image(4, 3, 5)
    gate = torch.sigmoid(a.flatten(2).max(2).values)[:, :, None, None]
    assert run("global_pool", a, b).allclose(a + gate * b)


def test_fuse_weighs_each_value_and_normalises() -> None:
    a, b, c = image(4, 3, 5), image(4, 3, 5), image(4, 3, 5)
    shapes = tuple(map(shape_of, (a, b, c)))
    built = code(get("fuse").build(shapes, shapes[0], {}))
    assert isinstance(built.kept, nn.Parameter)
    assert built.kept.equal(torch.ones(3))
    built.kept.data = torch.tensor([2.0, -1.0, 0.5])
    assert built.run(a, b, c).allclose((2 * a + 0.5 * c) / 2.5001)
    assert run("fuse", a).allclose(a / 1.0001)


def test_truncate_keeps_the_first_channels() -> None:
    x = image(4, 3, 5)
    assert run("truncate", x, width=3).equal(x[:, :3])
    with pytest.raises(ShapeError, match="`truncate` keeps 5 channels, but its input has 4"):
        run("truncate", x, width=5)


def test_resample_goes_up_by_nearest_and_down_by_maximum() -> None:
    def to(x: Tensor, size: tuple[int, int], by: int, overlap: int = 0) -> Tensor:
        shapes = (Shape(x.shape[1], tuple(x.shape[2:]), 3),)
        args: Args = {"size": size, "level": 3 + by, "overlap": overlap}
        result: Tensor = code(get("resample").build(shapes, get("resample").shape(shapes, args), args)).run(x)
        return result

    x = image(3, 8, 8)
    assert to(x, (16, 16), -1).equal(x.repeat_interleave(2, 2).repeat_interleave(2, 3))
    assert to(x, (2, 2), 2).equal(F.max_pool2d(x, 4))
    assert to(x, (2, 2), 2, overlap=1).equal(F.max_pool2d(x, 5, 4, 2))
    assert to(x[:, :, :1, :1], (1, 1), 1).equal(x[:, :, :1, :1])
    odd = image(3, 13, 5)
    assert to(odd, (4, 2), 2).equal(to(to(odd, (7, 3), 1), (4, 2), 1))


def test_a_convolution_of_a_vector_is_linear() -> None:
    x, args = torch.randn(2, 6), {"k": 1, "width": 3, "bias": 1}
    built = get("conv").build((Shape(6),), Shape(3), args)
    assert isinstance(built, nn.Linear)
    assert built(x).allclose(F.conv2d(x[:, :, None, None], built.weight[:, :, None, None], built.bias)[:, :, 0, 0])


def test_activations_of_mobile_networks_are_cut_off_at_6() -> None:
    x = torch.linspace(-8, 8, 97).reshape(1, 97, 1, 1)
    assert run("relu6", x).equal(x.clamp(0, 6))
    assert run("hsigmoid", x).allclose((x + 3).clamp(0, 6) / 6)
    assert run("hswish", x).allclose(x * (x + 3).clamp(0, 6) / 6)


def test_channels_are_taken_and_dealt() -> None:
    x = image(12, 3, 5)
    assert run("every", x, n=2).equal(x[:, [0, 2, 4, 6, 8, 10]])
    assert run("every", x, n=5, first=3).equal(x[:, [3, 8]])
    assert [run("chunk", x, n=3, i=i).equal(part) for i, part in enumerate(x.chunk(3, 1))] == [True] * 3
    assert run("channel_shuffle", x).equal(x[:, [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]])
    for groups in (1, 2, 3, 4, 6, 12):
        assert run("channel_shuffle", x, groups=groups).equal(nn.ChannelShuffle(groups)(x))
    # SPOS shuffles and takes a half: that is every other channel.
    for half in (0, 1):
        dealt = run("chunk", x.unflatten(1, (6, 2)).transpose(1, 2).flatten(1, 2), n=2, i=half)
        assert run("every", x, n=2, first=half).equal(dealt)


@pytest.mark.parametrize(
    ("name", "inputs", "args", "message"),
    [
        (
            "add",
            (Shape(16, (8, 8)), Shape(32, (8, 8))),
            {},
            "`add` joins values of different widths: 16 and 32 channels",
        ),
        (
            "concat",
            (Shape(4, (8, 8)), Shape(4, (4, 4)), Shape(4)),
            {},
            "`concat` joins values of different resolutions: 8x8, 4x4 and a vector",
        ),
        ("mul", (Shape(4, (8, 8)), Shape(3)), {}, "`mul` joins values of different widths: 4 and 3 channels"),
        (
            "conv",
            (Shape(4, (8, 8)),),
            {},
            "`conv` needs a kernel: `conv(3)`, or both `h` and `w` as in `conv(h = 1, w = 3)`",
        ),
        ("conv", (Shape(4, (8, 8)),), {"k": 3, "h": 1}, "`conv` takes either `k` or `h` and `w`, not both"),
        (
            "conv",
            (Shape(4, (8, 8)),),
            {"k": 1, "width": 6, "groups": 4},
            "`conv` from 4 to 6 channels cannot be split into 4 groups",
        ),
        ("conv", (Shape(4),), {"k": 3}, "`conv` reads an image, but its input is a vector of 4 numbers"),
        ("max_pool", (Shape(4),), {"k": 3}, "`max_pool` reads an image, but its input is a vector of 4 numbers"),
        (
            "linear",
            (Shape(4, (8, 8)),),
            {"width": 2},
            "`linear` reads a vector or a sequence, but its input is an image of 4x8x8: put `global_avg` before it",
        ),
        (
            "global_pool",
            (Shape(4), Shape(4)),
            {},
            "`global_pool` reads images, but an input is a vector of 4 numbers",
        ),
        (
            "every",
            (Shape(4, (8, 8)),),
            {"n": 2, "first": 2},
            "`every` begins with one of the first 2 channels, counted from 0, not 2",
        ),
        ("chunk", (Shape(5, (8, 8)),), {"n": 2}, "`chunk` cannot cut 5 channels into 2 equal parts"),
        ("chunk", (Shape(4, (8, 8)),), {"n": 2, "i": 2}, "`chunk` takes one of the parts 0 to 1, not 2"),
        (
            "channel_shuffle",
            (Shape(5, (8, 8)),),
            {"groups": 2},
            "`channel_shuffle` cannot deal 5 channels into 2 equal groups",
        ),
        ("dropout", (Shape(4),), {"p": 1}, "`dropout` drops a share from 0 to below 1, not 1.0"),
        ("dw_conv", (Shape(4, (8, 8)),), {"k": 2.5}, "`k` must be a whole number, not 2.5"),
        (
            "resample",
            (Shape(4, (8, 8), 3),),
            {"size": (3, 3), "level": 4},
            "`resample` from level 3 to 4 cannot turn 8x8 pixels into 3x3",
        ),
        (
            "resample",
            (Shape(4, (8, 8), 3),),
            {"size": (4, 4), "level": 4, "overlap": 2},
            "windows of `resample` overlap by 0 or 1, not by 2",
        ),
    ],
)
def test_misfits_are_named_in_plain_words(name: str, inputs: Inputs, args: Args, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        get(name).shape(inputs, args)
    assert str(caught.value) == message


def test_an_unknown_primitive_is_our_fault() -> None:
    with pytest.raises(InternalError, match="no primitive is called `konv`"):
        get("konv")
