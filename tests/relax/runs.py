"""A folder with spaces and images, and runs in it: what the tests of whole relaxed searches have in common."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nasdsl.diagnostics import NasdslError
from nasdsl.relax import checkpoint, history, plots, run
from nasdsl.relax import folder as own

from .test_training import leaves

SPACE = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)

cell tiny(x) {
  node n[2] {
    from  pick 1 of earlier
    op    one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity]
    merge add
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { tiny; tiny }
  head  classifier(10)
}
"""
# Whatever is sampled, something reaches the output.
PLAIN = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)

cell plain(x) {
  node a { from x; op one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity] }
  node b { from a; op one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity] }
  out b
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { plain; plain }
  head  classifier(10)
}
"""
POOLS = """
use vision (max_pool, avg_pool, global_avg)

cell pools(x) { node n { from x; op one of [max_pool(3), avg_pool(3)] }; out n }

net search { input image(2, 8, 8); stage (width = 2) { pools }; head global_avg }
"""


@contextmanager
def inside(where: Path) -> Iterator[Path]:
    """Works in a folder with spaces and 120 images of four classes, on one thread."""
    before, threads = Path.cwd(), torch.get_num_threads()
    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for split, count in (("train", 120), ("test", 40)):
        labels = np.arange(count) % 4
        arrays[f"y_{split}"] = labels
        arrays[f"x_{split}"] = (rng.integers(0, 60, (count, 8, 8)) + 60 * labels[:, None, None]).astype(np.uint8)
    (where / "tiny.nas").write_text(SPACE, encoding="utf-8")
    (where / "plain.nas").write_text(PLAIN, encoding="utf-8")
    np.savez(where / "tiny.npz", **arrays)
    os.chdir(where)
    torch.set_num_threads(1)
    try:
        yield where
    finally:
        torch.set_num_threads(threads)
        os.chdir(before)


@contextmanager
def undrawn() -> Iterator[None]:
    """Pictures take longer than these searches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "draw", lambda folder: True)
        yield


def asked(**more: Any) -> run.RelaxSettings:
    return run.settings(**{"space": "tiny.nas", "data": "tiny.npz", "epochs": 4, "batch": 8, "seed": 3, **more})


def state(folder: Path) -> dict[str, Any]:
    """Every number of a checkpoint."""
    found = checkpoint.load(folder, torch.device("cpu"))
    assert found is not None
    return leaves(found)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [epoch.model_dump(exclude={"seconds"}) for epoch in history.read(folder / own.HISTORY)]


def spoilt(whole: run.Summary, name: str, write: Any) -> Path:
    """A copy of the run, in which something is another."""
    folder = Path("spoilt") / name
    shutil.copytree(whole.folder, folder)
    write(folder)
    return folder


def refused(action: Any, *arguments: Any) -> Any:
    with pytest.raises(NasdslError) as raised:
        action(*arguments)
    return raised.value.diagnostics[0]
