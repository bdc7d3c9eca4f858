"""The auxiliary heads of DARTS, against PyTorch written out."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import nasdsl

from .checksum import outputs


def heads() -> dict[str, tuple[int, nn.Sequential]]:
    """The size of the image that each is made for, and its layers."""
    first = [nn.Conv2d(24, 128, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU()]
    second = nn.Conv2d(128, 768, 2, bias=False)
    last = [nn.ReLU(), nn.Flatten(), nn.Linear(768, 10)]
    return {
        "aux_cifar": (8, nn.Sequential(nn.ReLU(), nn.AvgPool2d(5, 3), *first, second, nn.BatchNorm2d(768), *last)),
        "aux_imagenet": (7, nn.Sequential(nn.ReLU(), nn.AvgPool2d(5, 2), *first, second, *last)),
    }


@pytest.mark.parametrize("name", heads())
def test_a_head_is_that_of_darts(name: str) -> None:
    size, written = heads()[name]
    space = nasdsl.loads(f"use vision ({name})\nnet n {{ input image(24, {size}); head {name}(10) }}")
    module = nasdsl.build(nasdsl.architecture(nasdsl.network(space[0])), seed=0)
    shape = (3, 24, size, size)
    torch.testing.assert_close(outputs(module, shape), outputs(written, shape), rtol=0, atol=1e-12)
