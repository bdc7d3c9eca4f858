"""DARTS_V2 as nasdsl builds it, beside the same network written by hand in plain eager PyTorch, in one run.

    python benchmarks/lowering.py [--threads N] [--repeats N]

A training step (forward, loss, backward, SGD) and a forward in evaluation, of 20 cells at C = 36 on 32x32 images. The
network by hand is measured as it is written (NCHW) and in channels-last. All three have the same weights, and their
outputs must agree: within 1e-9 in float64, and in float32 the built one must be as near to that as the one by hand.
Each figure is the median over the repeats, which take turns.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

import nasdsl
from nasdsl.compiler.deploy import exported

NORMAL = [("sep", 0), ("sep", 1), ("sep", 0), ("sep", 1), ("skip", 0), ("sep", 1), ("skip", 0), ("dil", 2)]
REDUCE = [("max", 0), ("max", 1), ("max", 1), ("skip", 2), ("max", 0), ("skip", 2), ("max", 1), ("skip", 2)]


# ---- by hand ----


class ReLUConvBN(nn.Sequential):
    def __init__(self, c_in: int, c: int) -> None:
        super().__init__(nn.ReLU(), nn.Conv2d(c_in, c, 1, bias=False), nn.BatchNorm2d(c))


class FactorizedReduce(nn.Module):
    def __init__(self, c_in: int, c: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.even = nn.Conv2d(c_in, c // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(c_in, c - c // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(c)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        return self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], 1))


def separable(c: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ReLU(), nn.Conv2d(c, c, 3, stride, 1, groups=c, bias=False), nn.Conv2d(c, c, 1, bias=False),
        nn.BatchNorm2d(c),
        nn.ReLU(), nn.Conv2d(c, c, 3, 1, 1, groups=c, bias=False), nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c),
    )  # fmt: skip


def dilated(c: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ReLU(), nn.Conv2d(c, c, 3, stride, 2, 2, groups=c, bias=False), nn.Conv2d(c, c, 1, bias=False),
        nn.BatchNorm2d(c),
    )  # fmt: skip


def operation(kind: str, c: int, stride: int) -> nn.Module:
    if kind == "skip":
        return nn.Identity() if stride == 1 else FactorizedReduce(c, c)
    if kind == "max":
        return nn.MaxPool2d(3, stride, 1)
    return separable(c, stride) if kind == "sep" else dilated(c, stride)


class Cell(nn.Module):
    def __init__(self, c2: int, c1: int, c: int, reduction: bool, after_reduction: bool) -> None:
        super().__init__()
        self.before2 = FactorizedReduce(c2, c) if after_reduction else ReLUConvBN(c2, c)
        self.before1 = ReLUConvBN(c1, c)
        self.edges = REDUCE if reduction else NORMAL
        self.ops = nn.ModuleList(operation(kind, c, 2 if reduction and i < 2 else 1) for kind, i in self.edges)

    def forward(self, s2: Tensor, s1: Tensor) -> Tensor:
        states = [self.before2(s2), self.before1(s1)]
        for i in range(4):
            left, right = (self.ops[k](states[self.edges[k][1]]) for k in (2 * i, 2 * i + 1))
            states.append(left + right)
        return torch.cat(states[2:], 1)


class ByHand(nn.Module):
    def __init__(self, c: int = 36, cells: int = 20, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * c, 3, padding=1, bias=False), nn.BatchNorm2d(3 * c))
        self.cells = nn.ModuleList()
        c2 = c1 = 3 * c
        reduced = False
        for i in range(cells):
            reduction = i in (cells // 3, 2 * cells // 3)
            c *= 2 if reduction else 1
            self.cells.append(Cell(c2, c1, c, reduction, reduced))
            c2, c1, reduced = c1, 4 * c, reduction
        self.head = nn.Linear(c1, classes)

    def forward(self, x: Tensor) -> Tensor:
        s2 = s1 = self.stem(x)
        for cell in self.cells:
            s2, s1 = s1, cell(s2, s1)
        return self.head(s1.mean((2, 3)))


# ---- measuring ----


def alike(hand: nn.Module, built: nn.Module) -> None:
    """Gives the network by hand the weights of the built one; both list them in the order in which they are used."""
    theirs = list(built.state_dict().values())
    for own, other in zip(hand.state_dict().values(), theirs, strict=True):
        assert own.shape == other.shape, (own.shape, other.shape)
        own.copy_(other)


def remembering(module: nn.Module) -> nn.Module:
    """The module, whose batch norms keep the statistics of the next batch as they are."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    return module


def step(module: nn.Module, images: Tensor, labels: Tensor) -> Callable[[], object]:
    optimiser = torch.optim.SGD(module.parameters(), lr=0.0, momentum=0.9)

    def run() -> None:
        optimiser.zero_grad()
        torch.autograd.backward(functional.cross_entropy(module(images), labels))
        optimiser.step()

    return run


def seconds(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """The median time of each, taking turns; the first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    graph = nasdsl.architecture(nasdsl.network(nasdsl.load("darts").point("darts_v2")))
    built = nasdsl.build(graph, seed=0)
    hand, last = ByHand(), ByHand()
    for module in (hand, last):
        alike(module, built)
    last.to(memory_format=torch.channels_last)
    torch.manual_seed(0)
    images, labels = torch.randn(args.batch, 3, 32, 32), torch.randint(10, (args.batch,))
    nhwc = images.contiguous(memory_format=torch.channels_last)
    modules = [hand, last, built]
    with torch.no_grad():
        # White noise through 20 cells of random weights amplifies rounding, by hand as built: compared in float64.
        wide, exact = images.double(), [remembering(module.double().train()) for module in modules]
        agree("training", [module(wide) for module in exact], 1e-9)
        truth = hand.eval()(wide)
        program = exported(built, wide).module()
        agree("evaluation", [truth, last.eval()(wide), built.eval()(wide), program(wide)], 1e-9)
        for module in modules:
            module.float()
        program = exported(built, images).module()
        off = {"by hand": hand(images), "by hand in channels-last": last(nhwc), "built": program(images)}
    errors = {name: float((made.double() - truth).abs().max()) for name, made in off.items()}
    print("in float32 evaluation is off by " + ", ".join(f"{error:.1e} ({name})" for name, error in errors.items()))
    assert errors["built"] < 2 * errors["by hand"]
    for module in modules:
        module.train()
    trained = seconds(
        {"hand": step(hand, images, labels), "last": step(last, nhwc, labels), "built": step(built, images, labels)},
        args.repeats,
    )
    report("training step", trained)
    hand.eval(), last.eval()
    with torch.inference_mode():
        forward = {"hand": lambda: hand(images), "last": lambda: last(nhwc), "built": lambda: program(images)}
        report("evaluation, exported", seconds(forward, args.repeats))
    small = nasdsl.load("darts", {"N": 2, "C": 16}).point("darts_v2")
    graph = nasdsl.architecture(nasdsl.network(small))
    nasdsl.build(graph)
    made = seconds({"build": lambda: nasdsl.build(graph)}, 20)["build"]
    whole = seconds({"build": lambda: nasdsl.build(nasdsl.architecture(nasdsl.network(small)))}, 20)["build"]
    print(f"building 8 cells at C = 16: {1000 * made:.0f} ms; with lowering, from the genotype: {1000 * whole:.0f} ms")


def agree(where: str, outputs: list[Tensor], bound: float) -> None:
    """Says how far outputs are from the first of them; an error where that is too far."""
    worst = max(float((output - outputs[0]).abs().max()) for output in outputs)
    print(f"outputs in {where} agree to {worst:.1e} in float64")
    assert worst < bound


def report(what: str, taken: dict[str, float]) -> None:
    print(
        f"{what}: {taken['built']:.3f} s; by hand {taken['hand']:.3f} s ({taken['hand'] / taken['built']:.2f}x), "
        f"by hand in channels-last {taken['last']:.3f} s ({taken['last'] / taken['built']:.2f}x)"
    )


if __name__ == "__main__":
    main()
