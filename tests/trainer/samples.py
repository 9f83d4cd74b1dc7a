"""Digits to train on: drawn here, so that no test needs a download."""

import functools
import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_trainer.data import Dataset, Split, read_dataset

Arrays = dict[str, np.ndarray]


def draw_digits(count: int, *, seed: int, size: int = 28) -> tuple:
    """Print digits in varying sizes and places on a noisy ground."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, count)
    images = np.empty((count, size, size), np.uint8)
    for image, label in zip(images, labels, strict=True):
        picture = Image.new("L", (size, size), 0)
        font = ImageFont.load_default(int(size * generator.uniform(0.6, 0.9)))
        place = tuple(size / 2 + generator.uniform(-0.1, 0.1, 2) * size)
        ImageDraw.Draw(picture).text(place, str(label), 255, font, anchor="mm")
        noise = generator.integers(0, 100, (size, size))
        image[:] = np.clip(np.asarray(picture) + noise, 0, 255)
    return images, labels.astype(np.uint8)


def a_dataset(*, train: int, test: int, size: int = 28) -> Dataset:
    """Digits to learn in a moment, as the trainer holds them."""
    x_train, y_train = draw_digits(train, seed=1, size=size)
    x_test, y_test = draw_digits(test, seed=2, size=size)
    return Dataset(
        train=Split(x_train, y_train.astype(np.int32)),
        test=Split(x_test, y_test.astype(np.int32)),
        classes=10,
        names=tuple("0123456789"),
    )


def arrays(**changed: object) -> Arrays:
    """Four sound arrays, all small, of which a test changes what matters to it."""
    return {name: array.copy() for name, array in _sound().items()} | changed


@functools.cache
def _sound() -> Arrays:
    """Draw them once: hundreds of tests begin with these."""
    x_train, y_train = draw_digits(60, seed=1)
    x_test, y_test = draw_digits(20, seed=2)
    y_train[:10] = range(10)
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def some_of(content: Arrays, *names: str) -> Arrays:
    """Leave only these of the arrays."""
    return {name: content[name] for name in names}


def pack(content: Arrays) -> bytes:
    """Pack arrays as a user would."""
    file = io.BytesIO()
    np.savez_compressed(file, **content)
    return file.getvalue()


def read(path: Path, *, percent: int = 10, seed: int = 1, **options: int) -> Dataset:
    """Read one file as the program does."""
    return read_dataset(
        [("/data/mnist.npz", path)],
        scratch=path.parent,
        seed=seed,
        validation_percent=percent,
        **options,
    )


def read_joined(folder: Path, files: dict[str, Arrays], **options: int) -> Dataset:
    """Read several files as the program does, in an order that is not theirs."""
    paths = []
    for name, content in sorted(files.items(), reverse=True):
        path = folder / f"{len(paths)}.npz"
        path.write_bytes(pack(content))
        paths.append((f"/{name}.npz", path))
    return read_dataset(paths, scratch=folder, seed=1, validation_percent=10, **options)
