"""What other code calls by another name."""

from __future__ import annotations

import pytest

from nasdsl.compiler.names import LIBRARY, library
from nasdsl.syntax.elsewhere import _ARGUMENTS, _OPERATIONS, argument, meant, operation


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("sep_conv_3x3", "sep_conv(3)"),
        ("sep_conv_5x5", "sep_conv(5)"),
        ("dil_conv_5x5", "dil_conv(5)"),
        ("max_pool_3x3", "max_pool(3)"),
        ("avg_pool_3x3", "avg_pool(3)"),
        ("skip_connect", "identity"),
        ("none", "none"),
        ("conv_7x1_1x7", "conv_1xn_nx1(7)"),
        ("nor_conv_1x1", "relu_conv_bn(1)"),
        ("conv3x3-bn-relu", "conv_bn_relu(3)"),
        ("maxpool3x3", "max_pool(3)"),
        ("conv3x3", "conv(3)"),
        ("conv3", "conv(3)"),
        ("nn.Conv2d", "conv(3)"),
        ("nn.ReLU", "relu"),
        ("transformer", ""),
        ("identity_3x3", ""),
    ],
)
def test_operations_of_other_code(name: str, here: str) -> None:
    assert operation(name) == here


def test_what_is_named_is_in_the_library() -> None:
    offered = {name for module in LIBRARY for name in library(module).names}
    assert {here.split("(")[0] for here in _OPERATIONS.values()} <= offered


def test_constructs_and_arguments() -> None:
    assert meant("LayerChoice") == ("one of [a, b]",)
    assert meant("nn.Sequential")[0].startswith("repeat")
    assert meant("my_operation") == ()
    assert argument("kernel_size", ["k", "stride"]) == ("did you mean `k`?",)
    assert argument("kernel_size", ["width"]) == argument("depth", ["k"]) == ()
    assert set(_ARGUMENTS.values()) == {"k", "width", "stride", "dilation"}
