"""Labelled images as numpy arrays: the embedded set, or a user's `.npz`."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nasdsl.diagnostics import error

EMBEDDED = Path(__file__).with_name("fashion_mnist_14x14_12k.npz")
KEYS = ("x_train", "y_train", "x_test", "y_test")
_SHAPES = "images are (count, height, width), (count, height, width, channels) or (count, channels, height, width)"


@dataclass(frozen=True, eq=False)
class Images:
    """Images (count, channels, height, width), uint8 or float32, and labels (count,) int64 in 0..classes-1."""

    name: str
    x_train: NDArray[Any]
    y_train: NDArray[np.int64]
    x_test: NDArray[Any]
    y_test: NDArray[np.int64]

    @cached_property
    def classes(self) -> int:
        return int(self.y_train.max()) + 1

    @property
    def channels(self) -> int:
        return int(self.x_train.shape[1])

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return int(self.x_train.shape[2]), int(self.x_train.shape[3])

    def __str__(self) -> str:
        height, width = self.size
        channels = "1 channel" if self.channels == 1 else f"{self.channels} channels"
        return f"{self.name}: {height}x{width}, {channels}, {self.classes} classes"


def load(path: Path | None = None) -> Images:
    """The embedded images, or those of an `.npz` with x_train, y_train, x_test and y_test.

    Raises `NasdslError`: E0610 the file cannot be read, E0611 a key is missing, E0612 a wrong shape, E0613 a wrong
    type or value, E0614 wrong labels.
    """
    arrays = _read(path or EMBEDDED)
    name = path.name if path else "fashion-mnist"
    missing = [key for key in KEYS if key not in arrays]
    if missing:
        held = ", ".join(f"`{key}`" for key in arrays) or "nothing"
        raise error(
            "E0611",
            f"{name} lacks {', '.join(f'`{key}`' for key in missing)}",
            notes=[f"it holds {held}"],
            helps=["np.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)"],
        )
    x_train, x_test = (_images(key, arrays[key]) for key in ("x_train", "x_test"))
    if x_train.shape[1:] != x_test.shape[1:]:
        raise error(
            "E0612",
            f"images of `x_train` are {_sizes(arrays['x_train'].shape[1:])} and those of `x_test` "
            f"{_sizes(arrays['x_test'].shape[1:])}",
            helps=["give both the same size and channels"],
        )
    y_train = _labels("y_train", arrays["y_train"], len(x_train))
    y_test = _labels("y_test", arrays["y_test"], len(x_test))
    _check_classes(y_train, y_test)
    return Images(name, x_train, y_train, x_test, y_test)


def digest(path: Path | None = None) -> str:
    """SHA-256 of the data file, by which a resumed run knows that it trains on the same images."""
    with (path or EMBEDDED).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def split(labels: NDArray[np.int64], share: float, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions for training and for validation: `share` of each class, at least one, is held out."""
    rng = np.random.default_rng(seed)
    kept, held = [], []
    for label in np.unique(labels):
        positions = rng.permutation(np.flatnonzero(labels == label))
        count = min(max(1, round(share * len(positions))), len(positions) - 1)
        held.append(positions[:count])
        kept.append(positions[count:])
    return np.sort(np.concatenate(kept)), np.sort(np.concatenate(held))


def _read(path: Path) -> Mapping[str, NDArray[Any]]:
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if not isinstance(loaded, np.lib.npyio.NpzFile):
                raise error("E0610", f"{path} holds a single array", helps=["save the four arrays with np.savez"])
            return {key: loaded[key] for key in loaded.files}
    except FileNotFoundError:
        raise error("E0610", f"there is no file {path}", helps=["--data FILE.npz"]) from None
    except (OSError, EOFError, zipfile.BadZipFile) as problem:
        raise error("E0610", f"{path} cannot be read as an .npz file", notes=[str(problem)]) from None
    except ValueError as problem:
        pickled = "pickled objects are never loaded: they could run any code"
        raise error(
            "E0610",
            f"{path} is no .npz file of plain arrays",
            notes=[pickled if "pickle" in str(problem) else str(problem)],
            helps=["save numbers, not objects: np.savez(file, x_train=np.asarray(x, dtype=np.uint8), ...)"],
        ) from None


def _images(key: str, array: NDArray[Any]) -> NDArray[Any]:
    """The array as (count, channels, height, width), uint8 or float32."""
    if array.ndim not in (3, 4) or 0 in array.shape:
        raise error("E0612", f"`{key}` has the shape {_sizes(array.shape)}", helps=[_SHAPES])
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise error(
            "E0613",
            f"`{key}` holds {array.dtype} numbers",
            helps=[f"{key}.astype(np.uint8) where they are 0 to 255", f"or {key}.astype(np.float32)"],
        )
    if array.dtype.kind == "f":
        array = array.astype(np.float32)
        if not np.isfinite(array).all():
            raise error("E0613", f"`{key}` holds numbers that are not finite", helps=["take out NaN and infinity"])
    if array.ndim == 3:
        return array[:, None]
    return np.ascontiguousarray(np.moveaxis(array, _channel_axis(key, array.shape), 1))


def _channel_axis(key: str, shape: tuple[int, ...]) -> int:
    """Which axis counts channels: the one of 1, 2, 3 or 4, where only one end is; else the shorter by far."""
    first, last = shape[1], shape[3]
    few = [axis for axis, count in ((1, first), (3, last)) if count <= 4]
    if len(few) == 1:
        return few[0]
    if not few and first != last and shape[2] == max(first, last):
        return 1 if first < last else 3
    raise error(
        "E0612",
        f"the channels of `{key}` cannot be told from its shape {_sizes(shape)}",
        helps=[_SHAPES, "the channels must be the short side"],
    )


def _labels(key: str, array: NDArray[Any], count: int) -> NDArray[np.int64]:
    images = key.replace("y", "x")
    if array.ndim != 1:
        raise error("E0612", f"`{key}` has the shape {_sizes(array.shape)}", helps=["one number an image: (count,)"])
    if len(array) != count:
        message = f"`{images}` has {count} images and `{key}` {len(array)} labels"
        raise error("E0612", message, helps=["one label an image"])
    if array.dtype.kind not in "iu":
        raise error("E0614", f"`{key}` holds {array.dtype} values", helps=[f"{key}.astype(np.int64): numbers from 0"])
    if array.min() < 0:
        raise error("E0614", f"`{key}` holds the label {array.min()}", helps=["labels are class numbers from 0"])
    return array.astype(np.int64)


def _check_classes(y_train: NDArray[np.int64], y_test: NDArray[np.int64]) -> None:
    if y_train.max() >= len(y_train):
        message = f"`y_train` holds the label {y_train.max()}, but there are only {len(y_train)} training images"
        raise error("E0614", message, helps=["number the classes 0, 1, 2, ... without gaps"])
    counts = np.bincount(y_train)
    if len(counts) < 2:
        raise error("E0614", "`y_train` holds a single class", helps=["labels are class numbers from 0"])
    rare = np.flatnonzero(counts < 2)
    if len(rare):
        raise error(
            "E0614",
            f"class {rare[0]} of {len(counts)} has {counts[rare[0]]} training images, and needs 2: one is held out",
            helps=["number the classes 0, 1, 2, ... without gaps", "or leave rare classes out"],
        )
    if y_test.max() >= len(counts):
        raise error("E0614", f"`y_test` holds the label {y_test.max()}; `y_train` ends at {len(counts) - 1}")


def _sizes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
