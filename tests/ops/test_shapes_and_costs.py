"""Every primitive: the predicted shape, parameters and multiply-adds are those of what it builds."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nasdsl.ops.primitive import Args, Code, Indices, Inputs, Shape, ShapeError, code
from nasdsl.ops.registry import PRIMITIVES, get
from nasdsl.ops.scalar import SCALARS

SIZES = (*range(1, 10), 14, 15, 28)
VECTOR = Shape(6)


def images(count: int = 1, widths: tuple[int, ...] = (6,)) -> list[Inputs]:
    return [tuple(Shape(widths[i % len(widths)], (n, n)) for i in range(count)) for n in SIZES]


def spatial(name: str, **args: int) -> list[tuple[str, Inputs, Args]]:
    return [(name, x, {**args, "stride": stride}) for stride in (1, 2, 3) for x in images()]


def sequences(count: int = 1, width: int = 6) -> list[Inputs]:
    return [(Shape(width, (n,)),) * count for n in SIZES]


def along(name: str, **args: int) -> list[tuple[str, Inputs, Args]]:
    return [(name, x, {**args, "stride": stride}) for stride in (1, 2, 3) for x in sequences()]


def plain(name: str, inputs: list[Inputs], **args: object) -> list[tuple[str, Inputs, Args]]:
    return [(name, x, args) for x in inputs]  # type: ignore[misc]


SCALAR = [p.name for p in SCALARS if p.role == "operation"]
JOINS = [p.name for p in SCALARS if p.role == "merge"]

CASES: list[tuple[str, Inputs, Args]] = [
    *(case for k in range(1, 8) for case in spatial("conv", k=k, width=4)),
    *spatial("conv", k=3, width=4, dilation=2),
    *spatial("conv", k=5, width=9, dilation=2, groups=3, bias=1),
    *spatial("conv", h=1, w=7, width=4),
    *spatial("conv", h=3, w=2, width=4),
    *plain("conv", images(), h=1, w=3, stride_w=2, width=4),
    *plain("conv", images(), h=3, w=1, stride_h=2, width=4),
    *plain("conv", images(), k=3),
    *plain("conv", [(VECTOR,)], k=1, width=2, bias=1),
    *(case for k in (1, 2, 3, 5) for case in spatial("dw_conv", k=k)),
    *spatial("dw_conv", k=5, dilation=2),
    *(case for k in range(1, 8) for case in spatial("max_pool", k=k)),
    *(case for k in range(1, 8) for case in spatial("avg_pool", k=k)),
    *(case for n in (0, 1, 2, 9) for case in plain("shift", images(), n=n)),
    *(case for n in (
        "identity", "none", "relu", "relu6", "swish", "hswish", "sigmoid", "hsigmoid", "tanh"
    ) for case in plain(n, images())),
    *(case for n, i in ((1, 0), (2, 0), (2, 1), (4, 3), (9, 5)) for case in plain("every", images(), n=n, first=i)),
    *(case for n, i in ((1, 0), (2, 0), (2, 1), (3, 1), (6, 5)) for case in plain("chunk", images(), n=n, i=i)),
    *(case for n in (1, 2, 3, 6) for case in plain("channel_shuffle", images(), groups=n)),
    *(case for n in (1, 4, 6) for case in plain("truncate", [*images(), (VECTOR,)], width=n)),
    *plain("batch_norm", [*images(), (VECTOR,)]),
    *plain("batch_norm", images(), affine=0, eps=1e-3),
    *plain("dropout", [*images(), (VECTOR,)], p=0.2),
    *plain("global_avg", images()),
    *plain("linear", [(VECTOR,)], width=10),
    *plain("linear", [(VECTOR,)], width=10, bias=0),
    *(case for n in ("add", "mul", "mean", "max") for c in (1, 2, 4) for case in plain(n, images(c))),
    *plain("add", [(VECTOR, VECTOR)]),
    *(case for c in (1, 2, 4) for case in plain("fuse", images(c))),
    *plain("fuse", [(VECTOR, VECTOR)]),
    *plain("mul", [(Shape(6, (4, 5)), VECTOR), (VECTOR, Shape(6, (4, 5)), VECTOR), (VECTOR, VECTOR)]),
    *plain("concat", [*images(3, (6, 2, 1)), *images(1), (VECTOR, VECTOR)]),
    *plain("concat", [*images(2, (6, 2))], layout=(5, -1, 3, -1, 1, 2)),
    *plain("concat", [*images(1), (VECTOR,)], layout=(5, 1, -1)),
    *plain("concat", images(2, (6, 2)), layout=(-1, -1)),
    *plain("global_pool", [*images(2), *images(1)]),
    *plain("resample", images(), size=(28, 28), level=0),
    *plain("resample", images(), size=(31, 29), level=0),
    *(case for o in (0, 1) for d in (1, 2, 3, 4) for n in SIZES for case in plain(
        "resample", [(Shape(6, (n, 2 * n), 3),)], size=(-(-n // 2**d), -(-2 * n // 2**d)), level=3 + d, overlap=o
    )),
    *plain("embedding", [(Indices(11, (n,)),) for n in SIZES], dim=4),
    *(case for k in range(1, 8) for case in along("conv1d", k=k, width=4)),
    *along("conv1d", k=3, width=4, dilation=2, bias=1),
    *(case for name in ("max_pool1d", "avg_pool1d") for k in range(1, 8) for case in along(name, k=k)),
    *(case for both in (0, 1) for case in plain("gru", sequences(), width=4, bidirectional=both)),
    *plain("attend", sequences(width=12), heads=2),
    *plain("layer_norm", [*images(), *sequences(), (VECTOR,)]),
    *(case for n in ("batch_norm", "global_avg", "relu", "none") for case in plain(n, sequences())),
    *plain("dropout", sequences(), p=0.2),
    *(case for bias in (0, 1) for case in plain("linear", sequences(), width=10, bias=bias)),
    *(case for n in ("add", "max", "mean", "concat") for case in plain(n, sequences(3))),
    *plain("mul", [(Shape(6, (5,)), VECTOR), (VECTOR, Shape(6, (5,)), VECTOR)]),
    *(case for c in (1, 2, 4) for case in plain("weighted_mean", [*images(c), *sequences(c), (VECTOR,) * c])),
    *(case for n in SCALAR for case in plain(n, [*images(), *sequences(), (VECTOR,)])),
    *(case for n in JOINS for case in plain(n, [*images(2), *sequences(2), (VECTOR, VECTOR)])),
]  # fmt: skip


def macs_of(built: Code, inputs: list[torch.Tensor]) -> tuple[torch.Tensor, int]:
    """The output, and the multiply-adds of one image as forward hooks count them."""
    total = 0

    def count(layer: nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal total
        total += output[0].numel() * layer.get_parameter("weight")[0].numel()

    def count_along(layer: nn.Module, inputs: tuple[torch.Tensor], _: object) -> None:
        nonlocal total
        maps = sum(weight.numel() for weight in layer.parameters() if weight.dim() == 2)
        total += maps * inputs[0].shape[1]

    if isinstance(built.kept, nn.Module):
        for layer in built.kept.modules():
            if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear):
                layer.register_forward_hook(count)
            elif isinstance(layer, nn.GRU):
                layer.register_forward_hook(count_along)
    return built.run(*inputs), total


def tensor_of(x: Shape) -> torch.Tensor:
    if isinstance(x, Indices):
        return torch.randint(x.width, (2, *x.size))
    return torch.randn(2, x.width, *x.size, requires_grad=True)


def parameters_of(built: Code) -> int:
    if isinstance(built.kept, nn.Module):
        return sum(w.numel() for w in built.kept.parameters())
    return built.kept.numel() if isinstance(built.kept, nn.Parameter) else 0


@pytest.mark.parametrize("name", sorted(n for n, p in PRIMITIVES.items() if p.role in ("operation", "merge")))
def test_prediction_is_what_is_built(name: str) -> None:
    cases = [case for case in CASES if case[0] == name]
    assert cases
    primitive = get(name)
    for _, shapes, args in cases:
        expected = primitive.shape(shapes, args)
        built = code(primitive.build(shapes, expected, args))
        tensors = [tensor_of(x) for x in shapes]
        output, macs = macs_of(built, tensors)
        assert output.shape[1:] == (expected.width, *expected.size), (shapes, args)
        assert macs == primitive.macs(shapes, expected, args), (shapes, args)
        assert parameters_of(built) == primitive.params(shapes, expected, args), (shapes, args)
        assert torch.isfinite(output).all()
        if output.requires_grad:
            # A constant, and words, have no gradient.
            grads = torch.autograd.grad(
                output.sum(), [x for x in tensors if x.requires_grad] or output, allow_unused=True
            )
            assert all(grad is None or torch.isfinite(grad).all() for grad in grads)


def test_a_stride_gives_the_ceiling_at_any_size() -> None:
    for name in ("conv", "dw_conv", "max_pool", "avg_pool"):
        for k in range(1, 12):
            for stride in range(1, 5):
                for n in range(1, 40):
                    shape = get(name).shape((Shape(2, (n, n + 1)),), {"k": k, "stride": stride})
                    assert shape.size == (-(-n // stride), -(-(n + 1) // stride))


def test_levels_count_halvings_once() -> None:
    x = Shape(4, (9, 9), 2)
    assert get("conv").shape((x,), {"k": 3, "stride": 2}).level == 3
    wide = get("conv").shape((x,), {"h": 1, "w": 3, "stride_w": 2})
    assert (wide.size, wide.level) == ((9, 5), 2)
    both = get("conv").shape((wide,), {"h": 3, "w": 1, "stride_h": 2})
    assert (both.size, both.level) == ((5, 5), 3)


def test_inputs() -> None:
    assert get("image").shape((), {}) == Shape(3, (32, 32))
    assert get("image").shape((), {"channels": 1, "height": 14}) == Shape(1, (14, 14))
    assert get("image").shape((), {"channels": 1, "height": 14, "width": 20}) == Shape(1, (14, 20))
    assert get("feature").shape((), {"width": 512, "level": 3, "size": 640}) == Shape(512, (80, 80), 3)
    assert get("feature").shape((), {"width": 8, "level": 5, "size": 100}) == Shape(8, (4, 4), 5)

    assert get("sequence").shape((), {"channels": 8, "length": 5}) == Shape(8, (5,))
    words = get("tokens").shape((), {"vocabulary": 100, "length": 5})
    assert isinstance(words, Indices)
    assert words == Indices(100, (5,))


def test_a_loop_takes_a_sequence_apart_and_puts_it_together() -> None:
    assert get("elements").shape((Shape(8, (5,), 2),), {}) == Shape(8, (), 2)
    assert get("collect").shape((Shape(8, (), 2),), {"length": 5}) == Shape(8, (5,), 2)
    assert get("state").shape((), {"width": 8}) == Shape(8)
    with pytest.raises(ShapeError, match="only a sequence has elements, and this is 8x5x5"):
        get("elements").shape((Shape(8, (5, 5)),), {})


@pytest.mark.parametrize(
    "name", ["conv", "dw_conv", "max_pool", "avg_pool", "shift", "every", "chunk", "channel_shuffle"]
)
def test_what_reads_images_refuses_a_sequence(name: str) -> None:
    with pytest.raises(ShapeError, match="but its input is a sequence of 5 vectors of 8 numbers"):
        get(name).shape((Shape(8, (5,)),), {"k": 1})


@pytest.mark.parametrize("name", ["conv1d", "max_pool1d", "avg_pool1d", "gru", "attend"])
def test_what_reads_sequences_refuses_an_image(name: str) -> None:
    with pytest.raises(ShapeError, match=f"`{name}` reads a sequence, but its input is an image of 8x5x5"):
        get(name).shape((Shape(8, (5, 5)),), {"k": 1})


def test_a_window_along_a_sequence_is_that_over_an_image() -> None:
    for name, flat in (("conv", "conv1d"), ("max_pool", "max_pool1d"), ("avg_pool", "avg_pool1d")):
        for k in range(1, 8):
            for stride in range(1, 5):
                for n in range(1, 20):
                    args = {"k": k, "stride": stride}
                    image, sequence = (
                        get(name).shape((Shape(2, (n, n)),), args),
                        get(flat).shape((Shape(2, (n,)),), args),
                    )
                    assert (sequence.size, sequence.level) == (image.size[:1], image.level)


def test_only_an_embedding_reads_words() -> None:
    for wrong in (Shape(8, (5,)), VECTOR):
        with pytest.raises(ShapeError, match="`embedding` reads words"):
            get("embedding").shape((wrong,), {"dim": 4})
    assert [name for name, primitive in PRIMITIVES.items() if primitive.reads_indices] == ["embedding"]


def test_attention_shares_its_channels_evenly() -> None:
    with pytest.raises(ShapeError, match="16 do not divide by 12"):
        get("attend").shape((Shape(16, (5,)),), {"heads": 4})


def test_the_signatures_are_sound() -> None:
    for name, primitive in PRIMITIVES.items():
        assert name == primitive.name
        names = [p.name for p in primitive.parameters]
        assert len(set(names)) == len(names)
        assert not primitive.commutes or primitive.role == "merge"
        assert all(p.default is None for p in primitive.parameters if p.required)
