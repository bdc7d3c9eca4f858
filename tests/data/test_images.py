"""The embedded images, and what is said about a user's own that do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nasdsl.data import images
from nasdsl.diagnostics import NasdslError


def arrays(shape: tuple[int, ...] = (20, 8, 8), kind: Any = np.uint8) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(20) % 4
    x = (rng.random(shape) * 255).astype(kind)
    return {"x_train": x, "y_train": labels, "x_test": x[:8], "y_test": labels[:8]}


def saved(folder: Path, **changes: Any) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **{key: value for key, value in (arrays() | changes).items() if value is not None})
    return path


def test_the_embedded_images_and_their_notice() -> None:
    data = images.load()
    assert (data.x_train.shape, data.x_test.shape) == ((10000, 1, 14, 14), (2000, 1, 14, 14))
    assert (data.channels, data.size, data.classes) == (1, (14, 14), 10)
    assert np.bincount(data.y_train).tolist() == [1000] * 10
    assert str(data) == "fashion-mnist: 14x14, 1 channel, 10 classes"
    notice = images.EMBEDDED.with_suffix(".LICENSE").read_text(encoding="utf-8")
    assert "Copyright (c) 2017 Zalando SE" in notice
    assert "The above copyright notice and this permission notice shall be included" in notice


def test_the_split_is_balanced_disjoint_and_the_same_every_time() -> None:
    labels = images.load().y_train
    kept, held = images.split(labels, 0.2)
    assert (len(kept), len(held)) == (8000, 2000)
    assert sorted([*kept, *held]) == list(range(10000))
    assert np.bincount(labels[held]).tolist() == [200] * 10
    again = images.split(labels, 0.2)
    assert (again[0] == kept).all()
    assert (again[1] == held).all()
    assert (images.split(labels, 0.2, seed=1)[1] != held).any()


def test_a_class_of_two_gives_one_to_each_part() -> None:
    kept, held = images.split(np.array([0, 0, 1, 1]), 0.01)
    assert (len(kept), len(held)) == (2, 2)


@pytest.mark.parametrize(
    ("shape", "channels", "size"),
    [
        ((20, 8, 9), 1, (8, 9)),
        ((20, 8, 9, 3), 3, (8, 9)),
        ((20, 3, 8, 9), 3, (8, 9)),
        ((20, 1, 8, 8), 1, (8, 8)),
        ((20, 8, 8, 1), 1, (8, 8)),
        ((20, 6, 32, 32), 6, (32, 32)),
        ((20, 32, 32, 6), 6, (32, 32)),
    ],
)
def test_layouts(tmp_path: Path, shape: tuple[int, ...], channels: int, size: tuple[int, int]) -> None:
    for kind in (np.uint8, np.float64):
        given = arrays(shape, kind)
        data = images.load(saved(tmp_path, **given))
        assert (data.channels, data.size) == (channels, size)
        first, moved = given["x_train"], data.x_train
        last = len(shape) == 4 and shape[3] == channels
        expected = first.transpose(0, 3, 1, 2) if last else first.reshape(moved.shape)
        assert np.allclose(moved, expected)
    assert data.x_train.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None, "x_test": None}, "E0611: mine.npz lacks `x_test`, `y_test`"),
        ({"x_train": np.zeros((20, 64), np.uint8)}, "E0612: `x_train` has the shape 20x64"),
        ({"x_train": np.zeros((0, 8, 8), np.uint8)}, "E0612: `x_train` has the shape 0x8x8"),
        ({"x_train": np.zeros((20, 3, 8, 3), np.uint8)}, "E0612: the channels of `x_train` cannot be told"),
        ({"x_test": np.zeros((8, 9, 9), np.uint8)}, "E0612: images of `x_train` are 8x8 and those of `x_test` 9x9"),
        ({"x_train": np.zeros((20, 8, 8), np.int64)}, "E0613: `x_train` holds int64 numbers"),
        ({"x_train": np.full((20, 8, 8), np.nan)}, "E0613: `x_train` holds numbers that are not finite"),
        ({"y_train": np.zeros((20, 4), int)}, "E0612: `y_train` has the shape 20x4"),
        ({"y_train": np.zeros(19, int)}, "E0612: `x_train` has 20 images and `y_train` 19 labels"),
        ({"y_train": np.zeros(20)}, "E0614: `y_train` holds float64 values"),
        ({"y_train": np.arange(20) % 4 - 1}, "E0614: `y_train` holds the label -1"),
        ({"y_train": np.zeros(20, int)}, "E0614: `y_train` holds a single class"),
        ({"y_train": np.arange(20) % 4 * 2}, "E0614: class 1 of 7 has 0 training images"),
        ({"y_train": np.arange(20) * 10**15}, "E0614: `y_train` holds the label"),
        ({"y_test": np.arange(8)}, "E0614: `y_test` holds the label 7; `y_train` ends at 3"),
        ({"x_train": np.array([{}] * 20, object)}, "E0610: .*mine.npz is no .npz file of plain arrays"),
    ],
)
def test_data_that_does_not_fit(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NasdslError, match=message):
        images.load(saved(tmp_path, **changes))


def test_files_that_are_no_npz(tmp_path: Path) -> None:
    single, noise, empty, text = (tmp_path / name for name in ("single.npy", "noise", "empty", "text"))
    np.save(single, np.zeros(3))
    noise.write_bytes(bytes(range(256)) * 20)
    empty.write_bytes(b"")
    text.write_bytes(b"PK\x03\x04 but no archive")
    for path in (single, noise, empty, text, tmp_path, tmp_path / "nowhere.npz"):
        with pytest.raises(NasdslError, match="E0610"):
            images.load(path)
