"""Archives that nobody should train on, and a sound one; written into a folder.

    python archives.py FOLDER

Runs in the trainer's environment, since the operator's has no numpy.
"""

import sys
from pathlib import Path

import numpy as np

from trainer.samples import arrays, pack


def _make() -> dict[str, bytes]:
    sound = arrays()
    images, labels = sound["x_train"], sound["y_train"]
    torn = images.astype("float32")
    torn[3, 14, 14] = np.nan
    objects = np.array([[[{"any": "object"}]]], dtype=object)
    strange = np.where(labels == 3, 1000, labels.astype("int32"))

    def changed(**changes: object) -> bytes:
        return pack(arrays(**changes))

    return {
        "sound": pack(sound),
        "not-an-npz": b"<html>404</html>",
        "pickle": changed(x_train=objects),
        "wrong-keys": pack({"images": images, "labels": labels}),
        "wrong-shape": changed(x_train=images.reshape(60, -1)),
        "wrong-type": changed(y_train=labels.astype("float32")),
        "labels-out-of-range": changed(y_train=strange),
        "nan": changed(x_train=torn),
        "no-images": changed(x_train=images[:0], y_train=labels[:0]),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, content in _make().items():
        (folder / name).write_bytes(content)
