"""Scalar functions, against `math`; and what guards them where they have no value or no slope."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nasdsl.ops.primitive import Code, Shape, code
from nasdsl.ops.registry import get
from nasdsl.ops.scalar import SCALARS

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "neg": lambda x: -x, "abs": abs, "square": lambda x: x**2, "cube": lambda x: x**3,
    "sqrt": lambda x: math.sqrt(max(x, 1e-6)), "log_abs": lambda x: math.log(abs(x) + 1e-6), "exp": math.exp,
    "gaussian": lambda x: math.exp(-(x**2)), "sin": math.sin, "cos": math.cos, "sinh": math.sinh, "cosh": math.cosh,
    "asinh": math.asinh, "atan": math.atan, "sinc": lambda x: math.sin(x) / x if x else 1.0,
    "min_zero": lambda x: min(x, 0.0), "softplus": lambda x: math.log1p(math.exp(x)), "erf": math.erf,
    "scale": lambda x: 2 * x, "offset": lambda x: x + 2, "constant": lambda x: 2,
}  # fmt: skip

# What is learned is 2.
JOINS: dict[str, Callable[[float, float], float]] = {
    "sub": lambda x, y: x - y, "div": lambda x, y: x / (y - 1e-6 if y < 0 else y + 1e-6), "min": min,
    "gated": lambda x, y: y / (1 + math.exp(-x)), "rbf": lambda x, y: math.exp(-2 * (x - y) ** 2),
    "laplace": lambda x, y: math.exp(-2 * abs(x - y)), "lerp": lambda x, y: 2 * x - y,
}  # fmt: skip

POINTS = [-3.0, -1.5, -0.25, 0.0, 0.5, 1.0, 4.0]
# What activations can meet in a network that was just initialised, and far beyond.
FAR = torch.tensor([0.0, -0.0, 1e-30, -1e-6, 1e-6, -1.0, 1.0, 88.0, -88.0, 1e4, -1e4])


def built(name: str, *values: Tensor) -> Code:
    shapes = tuple(Shape(x.shape[1], tuple(x.shape[2:])) for x in values)
    made = code(get(name).build(shapes, get(name).shape(shapes, {}), {}))
    if isinstance(made.kept, nn.Parameter):
        nn.init.constant_(made.kept, 2)
    return made


def test_all_are_tested() -> None:
    assert sorted(p.name for p in SCALARS) == sorted([*FUNCTIONS, *JOINS])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_that_of_each_number(name: str) -> None:
    x = torch.tensor(POINTS, dtype=torch.float64).reshape(1, 1, -1)
    expected = torch.tensor([FUNCTIONS[name](value) for value in POINTS], dtype=torch.float64)
    assert built(name, x).run(x).flatten().double().allclose(expected, atol=1e-9)


@pytest.mark.parametrize("name", JOINS)
def test_a_join_is_that_of_each_two_numbers(name: str) -> None:
    x, y = torch.cartesian_prod(*[torch.tensor(POINTS, dtype=torch.float64)] * 2).T.reshape(2, 1, 1, -1)
    expected = [JOINS[name](a, b) for a in POINTS for b in POINTS]
    assert built(name, x, y).run(x, y).flatten().allclose(torch.tensor(expected, dtype=torch.float64), atol=1e-9)
    turned = built(name, y, x).run(y, x)
    assert get(name).commutes == turned.allclose(built(name, x, y).run(x, y))


@pytest.mark.parametrize("name", [p.name for p in SCALARS])
def test_values_and_slopes_are_finite_everywhere(name: str) -> None:
    far = [FAR] if get(name).arity == 1 else torch.cartesian_prod(FAR, FAR).T
    values = [each.reshape(1, 1, -1).clone().requires_grad_() for each in far]
    made = built(name, *values)
    result = made.run(*values)
    assert torch.isfinite(result).all()
    learned = [made.kept] if isinstance(made.kept, nn.Parameter) else []
    slopes = torch.autograd.grad(result.sum(), [*values, *learned], allow_unused=True)
    assert all(slope is None or torch.isfinite(slope).all() for slope in slopes)


def test_a_learned_number_is_one_of_each_channel() -> None:
    x = torch.ones(2, 3, 4, 4)
    made = code(get("scale").build((Shape(3, (4, 4)),), Shape(3, (4, 4)), {}))
    assert isinstance(made.kept, nn.Parameter)
    assert made.run(x).equal(x)
    with torch.no_grad():
        made.kept.copy_(torch.tensor([1.0, 2.0, 3.0]).reshape(3, 1, 1))
    assert made.run(x)[:, 1].equal(2 * x[:, 1])
