"""The demo's data: where it is looked for, and what stands in for MNIST."""

import gzip

import numpy as np

from demo.data import find_mnist, read_digits, second_batch

ROWS = 320


def _table(folder):
    """Digits as scikit-learn ships them: 64 pixels of 0 to 16, and the label."""
    random = np.random.default_rng(seed=1)
    rows = np.hstack(
        [random.integers(0, 17, (ROWS, 64)), random.integers(0, 10, (ROWS, 1))]
    )
    path = folder / "digits.csv.gz"
    with gzip.open(path, "wt") as table:
        np.savetxt(table, rows, fmt="%d", delimiter=",")
    return path


def test_the_file_that_the_environment_names_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mine.npz"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    source, path = find_mnist()

    assert tmp_path / "mine.npz" == path
    assert "MNIST_NPZ" in source


def test_the_cache_of_keras_comes_second(tmp_path, monkeypatch):
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    cached = tmp_path / "datasets" / "mnist.npz"
    cached.parent.mkdir()
    cached.write_bytes(b"archive")

    source, path = find_mnist()

    assert cached == path
    assert "cache" in source


def test_digits_become_images_like_mnists(tmp_path):
    arrays = read_digits(_table(tmp_path))

    assert (9 * (ROWS - 297), 28, 28) == arrays["x_train"].shape
    assert (297, 28, 28) == arrays["x_test"].shape
    assert {"uint8"} == {str(array.dtype) for array in arrays.values()}
    assert arrays["x_train"].max() > 200
    assert set(range(10)) >= set(arrays["y_train"].tolist())


def test_shifted_digits_keep_their_labels(tmp_path):
    arrays = read_digits(_table(tmp_path))
    count = ROWS - 297

    first, last = arrays["x_train"][:count], arrays["x_train"][-count:]

    assert np.array_equal(np.roll(first, (4, 4), axis=(1, 2)), last)
    assert np.array_equal(arrays["y_train"][:count], arrays["y_train"][-count:])


def test_the_second_batch_is_another_set_of_the_same_kind(tmp_path):
    first = read_digits(_table(tmp_path))

    second = second_batch(first)

    assert len(first["x_train"]) * 5 // 6 == len(second["x_train"])
    assert len(second["x_train"]) == len(second["y_train"])
    assert first["x_test"] is second["x_test"]


def test_the_second_batch_is_the_same_every_time(tmp_path):
    first = read_digits(_table(tmp_path))

    assert np.array_equal(
        second_batch(first)["x_train"], second_batch(first)["x_train"]
    )
