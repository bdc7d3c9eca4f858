"""A training step of the DARTS supernet as nasdsl runs it, beside the same supernet by hand in plain eager PyTorch.

    python benchmarks/supernet.py [--threads 1 2] [--repeats N] [--rounds N] [--batch N] [--only-equality]

The net `search` of `spaces/darts.nas` (C = 16, 8 cells) on 32x32 images: a forward pass, cross entropy, the backward
pass to the weights and the architecture parameters, and a step of SGD. The one by hand is measured as it is written
(NCHW) and in channels-last. Every measurement has a fresh process, which takes two steps to warm up and tells the
median of the next, in wall-clock and in processor time, and the most memory that it held beside what it held before it
made the net. The three take turns for some rounds, and a figure is the median over them. First all three are compared:
logits in float32 within 1e-5 of the largest, logits and all gradients in float64 within 1e-12.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from plain_supernet import CANDIDATES, EDGES, PlainSupernet, channels_last
from torch import Tensor, nn
from torch.nn import functional

import nasdsl
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.searchform import DARTS
from nasdsl.compiler.supernet import Supernet

KINDS = {"hand": "by hand", "last": "by hand in channels-last", "ours": "nasdsl"}
WARM = 2
FASTER, LESS = 1.9, 0.65  # what is aimed at, beside the one by hand


@dataclass(frozen=True)
class Figures:
    """Of one process: seconds of a step by the clock and of the processors, megabytes more than before the net."""

    seconds: float
    processor: float
    megabytes: float


# ---- the nets ----


def made(dtype: torch.dtype) -> Supernet:
    return Supernet(opened(nasdsl.load("darts", net="search"), form=DARTS), seed=0, dtype=dtype)


def by_hand(built: Supernet) -> PlainSupernet:
    """The supernet by hand with the weights of the built one; both list them in the order in which they are used."""
    hand = PlainSupernet().to(next(built.parameters()).dtype)
    with torch.no_grad():
        for own, other in zip(hand.parameters(), built.parameters(), strict=True):
            assert own.shape == other.shape, (own.shape, other.shape)
            own.copy_(other)
    return hand


def called(net: nn.Module, x: Tensor, tables: list[Tensor]) -> Tensor:
    """Logits of a net that is mixed by the `tables` of normal and reduction cells."""
    logits: Tensor = (
        net(x, dict(zip(("normal", "reduce"), tables, strict=True))) if isinstance(net, Supernet) else net(x, tables)
    )
    return logits


def kind_of(kind: str, x: Tensor) -> tuple[nn.Module, Tensor]:
    """A net of that kind and the images in the layout that it is given."""
    if kind == "ours":
        return made(x.dtype), x.contiguous(memory_format=torch.channels_last)
    net = PlainSupernet().to(x.dtype)
    return (channels_last(net), x.contiguous(memory_format=torch.channels_last)) if kind == "last" else (net, x)


def batch(count: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, 3, 32, 32, generator=generator), torch.randint(10, (count,), generator=generator)


def parameters(scale: float) -> list[Tensor]:
    """Architecture parameters, as they begin (1e-3) or well apart (1)."""
    generator = torch.Generator().manual_seed(1)
    shape = EDGES, len(CANDIDATES)
    return [(scale * torch.randn(shape, generator=generator)).requires_grad_() for _ in range(2)]


# ---- equality ----


def far(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


def equal(count: int) -> None:
    """Says how far the nets are from the one by hand; an error where that is too far."""
    images, labels = batch(count)
    built = made(torch.float32)
    hand = by_hand(built)
    nets: list[tuple[nn.Module, Tensor]] = [(hand, images)]
    nets += [(n, images.contiguous(memory_format=torch.channels_last)) for n in (channels_last(by_hand(built)), built)]
    with torch.no_grad():
        tables = [t.softmax(-1) for t in parameters(1.0)]
        first, last, ours = (called(net, x, tables) for net, x in nets)
    print(f"logits in float32, batch {count}: off by {far(ours, first):.1e} (in channels-last {far(last, first):.1e})")
    assert far(ours, first) < 1e-5, "logits in float32"
    few = 8
    alphas = [t.detach().double().requires_grad_() for t in parameters(1.0)]
    found: dict[str, list[Tensor]] = {}
    for kind, net, x in (("hand", hand.double(), images), ("ours", built.double(), nets[2][1])):
        logits = called(net, x[:few].double(), [a.softmax(-1) for a in alphas])
        loss = functional.cross_entropy(logits, labels[:few])
        found[kind] = [logits.detach(), *torch.autograd.grad(loss, [*alphas, *net.parameters()])]
    outputs, *tables_off = (far(o, h) for o, h in zip(found["ours"][:3], found["hand"][:3], strict=True))
    largest = max(float(g.abs().max()) for g in found["hand"][3:])
    weights = max(float((o - h).abs().max()) for o, h in zip(found["ours"][3:], found["hand"][3:], strict=True))
    print(
        f"in float64, batch {few}: logits off by {outputs:.1e}, gradients of the architecture by "
        f"{max(tables_off):.1e}, of the weights by {weights / largest:.1e}"
    )
    assert max(outputs, *tables_off, weights / largest) < 1e-12, "logits and gradients in float64"


# ---- measuring ----


def most_memory() -> float:
    """The most megabytes that this process has held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def stepped(net: nn.Module, images: Tensor, labels: Tensor) -> Callable[[], None]:
    architecture = parameters(1e-3)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.025, momentum=0.9, weight_decay=3e-4)

    def step() -> None:
        optimiser.zero_grad()
        for table in architecture:
            table.grad = None
        loss = functional.cross_entropy(called(net, images, [a.softmax(-1) for a in architecture]), labels)
        torch.autograd.backward(loss)
        optimiser.step()
        assert all(table.grad is not None for table in architecture)

    return step


def measure(kind: str, threads: int, repeats: int, count: int) -> Figures:
    """In this process, which measures nothing else."""
    torch.set_num_threads(threads)
    images, labels = batch(count)
    before = most_memory()
    step = stepped(*kind_of(kind, images), labels)
    clock: list[float] = []
    processor: list[float] = []
    for _ in range(WARM + repeats):
        start, used = time.perf_counter(), time.process_time()
        step()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return Figures(statistics.median(clock[WARM:]), statistics.median(processor[WARM:]), most_memory() - before)


def in_a_fresh_process(kind: str, threads: int, repeats: int, count: int) -> Figures:
    command = [sys.executable, __file__, "--measure", kind, "--threads", str(threads)]
    command += ["--repeats", str(repeats), "--batch", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def compare(threads: int, repeats: int, rounds: int, count: int) -> bool:
    """Measures the three in turns and says what came of it; whether the aims are met."""
    taken: dict[str, list[Figures]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind, figures in taken.items():
            figures.append(in_a_fresh_process(kind, threads, repeats, count))
    middle = {
        kind: Figures(*(statistics.median(column) for column in zip(*(asdict(f).values() for f in found), strict=True)))
        for kind, found in taken.items()
    }
    print(f"\n{threads} thread{'s' * (threads > 1)}, batch {count}: medians of {rounds} x {repeats} steps")
    ours = middle["ours"]
    for kind, name in KINDS.items():
        f = middle[kind]
        beside = (
            ""
            if kind == "ours"
            else f"; nasdsl is {f.seconds / ours.seconds:.2f}x faster ({f.processor / ours.processor:.2f}x by the "
            f"processors' time), with {ours.megabytes / f.megabytes:.2f} of the memory"
        )
        print(f"  {name:25} {f.seconds:7.3f} s ({f.processor:.3f} s) {f.megabytes:6.0f} MB{beside}")
    hand = middle["hand"]
    return hand.seconds / ours.seconds >= FASTER and ours.megabytes / hand.megabytes <= LESS


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--only-equality", action="store_true")
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(asdict(measure(args.measure, args.threads[0], args.repeats, args.batch))))
        return
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    equal(args.batch)
    if args.only_equality:
        return
    met = [compare(threads, args.repeats, args.rounds, args.batch) for threads in args.threads]
    print(f"\nat least {FASTER}x faster with at most {LESS} of the memory: {'yes' if all(met) else 'NO'}")
    raise SystemExit(not all(met))


if __name__ == "__main__":
    main()
