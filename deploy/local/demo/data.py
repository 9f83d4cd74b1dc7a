"""Finds handwritten digits to train on, and says where they came from.

Runs in the trainer's environment, which has numpy, Pillow and Keras:

    python -m demo.data --out FOLDER [--digits digits.csv.gz]

MNIST comes from `MNIST_NPZ`, else from Keras's cache, else by Keras's download; where
none of these can be had, the digits that scikit-learn ships stand in, upscaled. The
last line is JSON: the source, and the two files that the demo pushes.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

__all__ = ["NEEDS_DIGITS", "find_mnist", "main", "read_digits", "second_batch"]

NEEDS_DIGITS = 3
"""Exit code: MNIST cannot be had, and no digits were given."""
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_DIGITS = (
    "the handwritten digits that scikit-learn ships, upscaled to 28 x 28 and shifted"
    " about, since MNIST is out of reach"
)
_SIDE = 28
_DIGIT_SIDE = 8
_DIGIT_MAXIMUM = 16
_DIGIT_TESTS = 297
"""Kept for the test split, of scikit-learn's 1,797 digits."""
_SHIFTS = [(down, right) for down in (-2, 0, 2) for right in (-2, 0, 2)]
"""Pixels, of 28."""
_DOWNLOAD_SECONDS = 20
"""Without an answer for so long, there is no way to the archive from here."""


def find_mnist() -> tuple[str, Path] | None:
    """Where MNIST is, in words, and its file; None when it cannot be had."""
    given = os.environ.get("MNIST_NPZ")
    if given:
        return f"MNIST from {given} (MNIST_NPZ)", Path(given)
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    cached = home / "datasets" / "mnist.npz"
    if cached.exists():
        return "MNIST from Keras's cache", cached
    if _download():
        return "MNIST, downloaded by Keras", cached
    return None


def _download() -> bool:
    """Let Keras fetch the archive into its cache; it checks the sha256 itself."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    socket.setdefaulttimeout(_DOWNLOAD_SECONDS)
    print("asking Keras to download MNIST", file=sys.stderr, flush=True)
    import keras  # noqa: PLC0415 (takes seconds, and is rarely needed)

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            keras.datasets.mnist.load_data()
    except Exception as error:  # noqa: BLE001 (Keras raises Exception itself)
        print(f"no download: {error}", file=sys.stderr)
        return False
    return True


def read_digits(table: Path) -> dict[str, Any]:
    """Scikit-learn's 8 by 8 digits as MNIST's four arrays, upscaled to 28 by 28.

    They are few, so each training image is there nine times, shifted a little.
    """
    import numpy as np  # noqa: PLC0415 (not in the environment that checks types)

    with gzip.open(table, "rt") as lines:
        rows = np.loadtxt(lines, delimiter=",", dtype=np.float32)
    labels = rows[:, -1].astype(np.uint8)
    images = np.stack([_enlarge(row) for row in rows[:, :-1]])
    split = len(rows) - _DIGIT_TESTS
    shifted = [np.roll(images[:split], each, axis=(1, 2)) for each in _SHIFTS]
    return {
        "x_train": np.concatenate(shifted),
        "y_train": np.tile(labels[:split], len(_SHIFTS)),
        "x_test": images[split:],
        "y_test": labels[split:],
    }


def _enlarge(pixels: Any) -> Any:
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    square = (pixels * (255 / _DIGIT_MAXIMUM)).reshape(_DIGIT_SIDE, _DIGIT_SIDE)
    picture = Image.fromarray(square.astype(np.uint8))
    return np.asarray(picture.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))


def second_batch(arrays: dict[str, Any]) -> dict[str, Any]:
    """Another data set to train on: a sixth of the images less, in another order."""
    import numpy as np  # noqa: PLC0415

    count = len(arrays["x_train"])
    kept = np.random.default_rng(seed=2).permutation(count)[: count * 5 // 6]
    return {
        **arrays,
        "x_train": arrays["x_train"][kept],
        "y_train": arrays["y_train"][kept],
    }


def _prepare(folder: Path, digits: Path | None) -> dict[str, Any] | None:
    import numpy as np  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    first, second = folder / "first.npz", folder / "second.npz"
    found = find_mnist() if digits is None else None
    if found is not None:
        source, archive = found
        first.write_bytes(archive.read_bytes())
        with np.load(archive, allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in _ARRAYS}
    elif digits is not None:
        source = _DIGITS
        arrays = read_digits(digits)
        np.savez_compressed(first, **arrays)
    else:
        return None
    np.savez_compressed(second, **second_batch(arrays))
    return {"source": source, "files": [str(first), str(second)]}


def main() -> int:
    """Write the two files and name them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--digits", type=Path)
    arguments = parser.parse_args()
    prepared = _prepare(arguments.out, arguments.digits)
    if prepared is None:
        return NEEDS_DIGITS
    print(json.dumps(prepared))
    return 0


if __name__ == "__main__":
    sys.exit(main())
