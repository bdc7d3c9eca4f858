"""Latencies measured on the user's own machine: of operations each alone, and of whole networks.

ProxylessNAS (Cai et al., 2019, appendix B) and FBNet (Wu et al., 2019, section 3.2) add up a table of measured
operations in place of a network. An operation is timed as it stands in a built network in evaluation: its module and
its expression, channels-last, float32, without gradients.
"""

from __future__ import annotations

import math
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nasdsl.compiler.dag import architecture
from nasdsl.compiler.generated import function
from nasdsl.compiler.module import Function, build
from nasdsl.compiler.network import Network
from nasdsl.ops import registry
from nasdsl.ops.primitive import Indices, Shape, code
from nasdsl.relax.device import device as there
from nasdsl.relax.operation import Operation
from nasdsl.relax.table import Entry, LatencyTable, Machine

WARM = 0.02
"""Seconds for which an operation runs before it is timed: caches fill, libraries choose their kernels."""
SAMPLE = 0.001
"""Seconds that one reading of the clock covers at least: a short operation runs several times in it."""
BUSY = 0.95
"""The share of a reading in which the process itself ran, on a CPU that has nothing else to do."""
VISITS = 2
SAVE_EVERY = 2.0
"""Seconds of measuring that a killed process may lose."""

DEVICE = re.compile(r"cpu|cuda(:\d+)?|mps")
Progress = Callable[[int, int], None]


def machine(device: str, threads: int, batch: int) -> Machine:
    """This machine under these settings. Raises E0934 for a device that is not there."""
    where = there(device)
    name = torch.cuda.get_device_name(where) if where.type == "cuda" else _processor()
    return Machine(processor=name, device=device, threads=threads, batch=batch, torch=torch.__version__)


def _processor() -> str:
    """The model name of the CPU, as Linux has it; elsewhere what Python knows of it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine() or "unknown"


def measure(
    table: LatencyTable,
    wanted: Sequence[Operation],
    repeats: int,
    save: Callable[[], None],
    progress: Progress,
) -> int:
    """Measures the operations that a table lacks, into it, and returns how many those were.

    Each is visited twice, all before any again, and the lower of two medians counts: what else a machine does for a
    while only adds to them. `progress` is told visits, done and in all.
    `save` is called every few seconds and at the end, whatever ends it: Ctrl-C keeps what is measured. Weights and
    inputs are drawn from fixed seeds; latency does not depend on them but for numbers that are no numbers.
    Raises E0282 for an operation without a builder, E0283 for one of a plug-in that fails.
    """
    lacking = table.missing(wanted)
    done, saved = 0, time.monotonic()
    try:
        with _conditions(table.machine):
            for done, operation in enumerate(lacking * VISITS, start=1):
                visit, known = latency(operation, table.machine, repeats), table.entries.get(operation.key)
                table.entries[operation.key] = visit if known is None or visit.ms < known.ms else known
                progress(done, VISITS * len(lacking))
                if time.monotonic() - saved > SAVE_EVERY:
                    save()
                    saved = time.monotonic()
    finally:
        if done:
            save()
    return len(lacking)


def latency(operation: Operation, where: Machine, repeats: int) -> Entry:
    """The latency of one operation by itself. Threads are set by the caller."""
    run, inputs = _alone(operation, where)
    try:
        return _entry(lambda: run(*inputs), torch.device(where.device), repeats)
    except Exception as failure:
        raise registry.failed(operation.name, "module", failure) from failure


def whole(network: Network, where: Machine, repeats: int) -> Entry:
    """The latency of a network as it is built, in evaluation. Raises what `nasdsl.build` raises."""
    module = build(architecture(network), seed=0).eval().to(where.device)
    shapes = [shape for shape in (network.ops[i].shape for i in network.inputs) if shape is not None]
    pyramid = network.ops[network.inputs[0]].name == "feature"
    # A pyramid is given by level, other values in the order of the ports.
    fed = [_values(shape, where) for shape in (sorted(shapes, key=lambda s: s.level) if pyramid else shapes)]
    given: Any = fed if pyramid or len(fed) > 1 else fed[0]
    with _conditions(where):
        return _entry(lambda: module(given), torch.device(where.device), repeats)


@contextmanager
def _conditions(where: Machine) -> Iterator[None]:
    """Inference with so many threads; the process has its own number again afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(where.threads)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(before)


def _alone(operation: Operation, where: Machine) -> tuple[Callable[..., Any], list[Tensor]]:
    """An operation as a function of its inputs, and inputs."""
    builder = registry.get(operation.name).build
    if builder is None:
        raise registry.unbuilt(operation.name)
    try:
        with torch.random.fork_rng(devices=()):
            torch.default_generator.manual_seed(0)
            made = code(builder(operation.inputs, operation.output, dict(operation.args)))
    except Exception as failure:
        raise registry.failed(operation.name, "builder", failure) from failure
    names = [f"x{i}" for i in range(len(operation.inputs))]
    run = function(f"def run({', '.join(('kept', *names))}):\n    return {made.written(names, 'kept')}\n")
    kept = _placed(made.kept, where)
    inputs = [_values(shape, where) for shape in operation.inputs]
    return (lambda *values: run(kept, *values)), inputs


def _placed(kept: Any, where: Machine) -> Any:
    """What an operation keeps, in evaluation, where it runs."""
    if kept is None:
        return None
    if isinstance(kept, nn.Parameter):
        return kept.to(where.device)
    module: Any = kept if isinstance(kept, nn.Module) else Function(kept)
    return module.eval().to(where.device).to(memory_format=torch.channels_last)


def _values(shape: Shape, where: Machine) -> Tensor:
    """A batch of a shape: words, or normal numbers; images are channels-last, as between built operations."""
    generator = torch.Generator().manual_seed(0)
    if isinstance(shape, Indices):
        return torch.randint(shape.width, (where.batch, *shape.size), generator=generator).to(where.device)
    drawn = torch.randn(where.batch, shape.width, *shape.size, generator=generator).to(where.device)
    return drawn.contiguous(memory_format=torch.channels_last) if drawn.dim() == 4 else drawn


def _entry(run: Callable[[], object], device: torch.device, repeats: int) -> Entry:
    """Readings of the clock, each over as many runs as take a millisecond, after a warm-up.

    On a CPU there are up to twice as many where the system put the process aside, and those count in which it ran most.
    """
    wait = _waiting(device)
    start = time.perf_counter()
    count = 0
    while count < 3 or time.perf_counter() - start < WARM:
        run()
        count += 1
    wait()
    single = (time.perf_counter() - start) / count
    number = max(1, math.ceil(SAMPLE / single))
    readings: list[tuple[float, float]] = []
    most = 2 * repeats if device.type == "cpu" else repeats
    while len(readings) < most and sum(busy >= BUSY for busy, _ in readings) < repeats:
        start, mine = time.perf_counter(), time.thread_time()
        for _ in range(number):
            run()
        wait()
        seconds, mine = time.perf_counter() - start, time.thread_time() - mine
        readings.append((mine / seconds, 1000 * seconds / number))
    chosen = sorted(readings, reverse=True)[:repeats]
    taken = [ms for _, ms in chosen]
    # A CPU that waits for another device is not crowded.
    share = statistics.median(busy for busy, _ in chosen) if device.type == "cpu" else 1.0
    low, middle, high = statistics.quantiles(taken, n=4, method="inclusive") if repeats > 1 else taken * 3
    return Entry(ms=middle, low=low, high=high, repeats=repeats, busy=share)


def _waiting(device: torch.device) -> Callable[[], None]:
    """Waits until a device has done what it was given; a CPU has."""
    if device.type == "cuda":
        return lambda: torch.cuda.synchronize(device)
    if device.type == "mps":
        return torch.mps.synchronize
    return lambda: None
