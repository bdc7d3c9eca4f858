"""Real training of one network on images. The only module of `evolve` that computes with torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nasdsl.compiler.module import set_drop_path
from nasdsl.data.images import Images, split
from nasdsl.evolve.settings import TrainSettings


class DivergedError(Exception):
    """The loss is not a finite number any more."""


@dataclass(frozen=True)
class Batches:
    """Normalised images (count, channels, height, width) in channels-last layout, and their labels (count,)."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Task:
    """The training and validation parts of the training split, on a device; the test split is not in here."""

    train: Batches
    validation: Batches
    mean: Tensor
    deviation: Tensor


def task(images: Images, share: float, device: torch.device) -> Task:
    """Splits and normalises by the mean and deviation of each channel over the training part."""
    kept, held = split(images.y_train, share)
    pixels = torch.from_numpy(images.x_train[kept]).to(device, torch.float32)
    mean = pixels.mean(dim=(0, 2, 3), keepdim=True)
    deviation = pixels.std(dim=(0, 2, 3), keepdim=True).clamp_min(1e-6)
    train = batches(images.x_train[kept], images.y_train[kept], mean, deviation)
    return Task(train, batches(images.x_train[held], images.y_train[held], mean, deviation), mean, deviation)


def batches(images: NDArray[np.generic], labels: NDArray[np.int64], mean: Tensor, deviation: Tensor) -> Batches:
    """Images (count, channels, height, width) normalised on the device of `mean`."""
    pixels = (torch.from_numpy(images).to(mean.device, torch.float32) - mean) / deviation
    return Batches(pixels.contiguous(memory_format=torch.channels_last), torch.from_numpy(labels).to(mean.device))


def one_cycle(step: int, steps: int, warmup: float) -> float:
    """The share of the highest learning rate at a step: a straight rise, then half a cosine down to 0."""
    rise = warmup * steps
    if step < rise:
        return (step + 1) / (rise + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1.0, steps - rise)))


def train(
    module: nn.Module, data: Batches, settings: TrainSettings, seed: int, taps: Mapping[str, float] | None = None
) -> None:
    """Trains in place. The order of the images comes from `seed` alone. Raises `DivergedError`.

    With `taps`, the weights of second heads by name, the module returns what these deliver too.
    """
    order = torch.Generator().manual_seed(seed)
    decayed = [p for p in module.parameters() if p.ndim > 1]
    plain = [p for p in module.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    if not decayed + plain:
        return
    optimiser = torch.optim.SGD(
        [group for group in groups if group["params"]],
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=settings.momentum > 0,
        fused=True,
    )
    per_epoch = max(1, len(data) // settings.batch)
    steps = settings.steps(len(data))
    module.train()
    for step in range(steps):
        at = step % per_epoch
        if at == 0:
            permutation = torch.randperm(len(data), generator=order).to(data.labels.device)
        chosen = permutation[at * settings.batch : (at + 1) * settings.batch]
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * one_cycle(step, steps, settings.warmup)
        if settings.drop_path:
            set_drop_path(module, settings.drop_path * step / steps)
        logits = module(data.images[chosen].contiguous(memory_format=torch.channels_last))
        logits, ends = logits if taps else (logits, {})
        labels = data.labels[chosen]
        loss = functional.cross_entropy(logits, labels, label_smoothing=settings.label_smoothing)
        for name, weight in (taps or {}).items():
            loss += weight * functional.cross_entropy(ends[name], labels, label_smoothing=settings.label_smoothing)
        if not math.isfinite(loss.item()):
            raise DivergedError(f"the loss is {loss.item()} at step {step + 1} of {steps}")
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()


@torch.inference_mode()
def accuracy(module: nn.Module, data: Batches, batch: int = 500) -> float:
    """The share of images classified right, in evaluation mode. A logit that is not finite raises `DivergedError`."""
    module.eval()
    right = 0
    for start in range(0, len(data), batch):
        logits = module(data.images[start : start + batch])
        if not bool(torch.isfinite(logits).all()):
            raise DivergedError("the outputs on the validation images are not finite")
        right += int((logits.argmax(1) == data.labels[start : start + batch]).sum())
    return right / len(data)


def test(images: Images, task: Task) -> Batches:
    """The test split, normalised as the training part is. Read at the end of a search, and by nothing else."""
    return batches(images.x_test, images.y_test, task.mean, task.deviation)
