"""What the operations along sequences compute, against PyTorch written out."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nasdsl.ops.primitive import Code, Indices, Shape, code
from nasdsl.ops.registry import get


def made(name: str, *shapes: Shape, **args: Any) -> Code:
    primitive = get(name)
    return code(primitive.build(shapes, primitive.shape(shapes, args), args))


def along(name: str, x: Tensor, **args: Any) -> Tensor:
    result: Tensor = made(name, Shape(x.shape[1], tuple(x.shape[2:])), **args).run(x)
    return result


def test_an_embedding_is_a_row_for_each_word() -> None:
    words = torch.tensor([[0, 3, 3], [2, 1, 0]])
    built = made("embedding", Indices(4, (3,)), dim=5)
    table = built.kept.weight
    assert table.shape == (4, 5)
    for text in range(2):
        for place in range(3):
            assert built.run(words)[text, :, place].equal(table[words[text, place]])


@pytest.mark.parametrize("k", [1, 3, 5, 7])
def test_windows_are_those_of_textnas(k: int) -> None:
    x = torch.randn(2, 3, 9)
    built = made("conv1d", Shape(3, (9,)), k=k, width=4, bias=1)
    weight, bias = built.kept.weight, built.kept.bias
    assert built.run(x).equal(F.conv1d(x, weight, bias, padding=k // 2))
    assert along("max_pool1d", x, k=k).equal(F.max_pool1d(x, k, 1, k // 2))
    assert along("avg_pool1d", x, k=k).equal(F.avg_pool1d(x, k, 1, k // 2, count_include_pad=False))


def test_even_windows_cover_even_lengths_and_never_read_padding() -> None:
    x = torch.randn(2, 3, 8)
    assert along("max_pool1d", x, k=2, stride=2).equal(F.max_pool1d(x, 2, 2))
    assert along("avg_pool1d", x, k=4, stride=4).allclose(F.avg_pool1d(x, 4, 4))
    for k in (2, 4, 6):
        for stride in (1, 2, 3, k):
            for n in (1, 5, 7):
                ones = torch.ones(2, 3, n)
                assert along("avg_pool1d", ones, k=k, stride=stride).allclose(torch.ones(()))
                assert (along("max_pool1d", -ones, k=k, stride=stride) == -1).all()


def test_a_gru_is_the_sum_of_both_directions() -> None:
    x = torch.randn(2, 3, 6)
    for both in (1, 0):
        built = made("gru", Shape(3, (6,)), width=4, bidirectional=both)
        layer = built.kept
        every = layer(x.transpose(1, 2))[0]
        expected = every[..., :4] + every[..., 4:] if both else every
        assert built.run(x).allclose(expected.transpose(1, 2))
    # In one direction no place depends on what comes behind it.
    changed = x.clone()
    changed[..., -1] += 1
    assert built.run(changed)[..., :-1].equal(built.run(x)[..., :-1])


def test_attention_is_that_of_every_head_by_itself() -> None:
    x = torch.randn(2, 24, 5)
    queries, keys, values = x.split(8, 1)
    parts = []
    for head in range(4):
        q, k, v = (each[:, 2 * head : 2 * head + 2] for each in (queries, keys, values))
        shares = torch.softmax(q.transpose(1, 2) @ k / 2**0.5, -1)
        parts.append((shares @ v.transpose(1, 2)).transpose(1, 2))
    assert along("attend", x, heads=4).allclose(torch.cat(parts, 1), atol=1e-6)


def test_what_acts_on_vectors_acts_on_every_place() -> None:
    x = torch.randn(2, 6, 5)
    for name, args in (("linear", {"width": 4}), ("layer_norm", {})):
        built = made(name, Shape(6, (5,)), **args)
        assert isinstance(built.kept, nn.Module)
        for place in range(5):
            assert built.run(x)[:, :, place].allclose(built.kept(x[:, :, place]), atol=1e-6)
    image = torch.randn(2, 6, 3, 4)
    norm = made("layer_norm", Shape(6, (3, 4)))
    assert norm.run(image)[:, :, 1, 2].allclose(F.layer_norm(image[:, :, 1, 2], (6,)), atol=1e-6)


def test_an_average_and_a_gate_of_a_sequence() -> None:
    x, gate = torch.randn(2, 6, 5), torch.rand(2, 6)
    assert along("global_avg", x).equal(x.mean(2))
    assert made("mul", Shape(6, (5,)), Shape(6)).run(x, gate).equal(x * gate[:, :, None])


def test_a_weighted_mean_learns_its_weights() -> None:
    values = [torch.randn(2, 3, 4) for _ in range(3)]
    built = made("weighted_mean", *(Shape(3, (4,)) for _ in values))
    assert isinstance(built.kept, nn.Parameter)
    assert built.run(*values).allclose(sum(values) / 3, atol=1e-6)
    with torch.no_grad():
        built.kept.copy_(torch.tensor([2.0, 0.0, 2.0]).log())
    assert built.run(*values).allclose((values[0] + values[2]) / 2, atol=1e-6)
