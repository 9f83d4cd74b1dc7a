"""An earlier model is a file of weights, and tells nothing but its own."""

import h5py
import numpy as np
import pytest

from mnist_trainer import warm_start

SECRET = b"a token that no model must ever have"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "token"
    path.write_bytes(SECRET)
    return path


def _from_other_storage(layer, secret):
    place = [(str(secret), 0, len(SECRET))]
    layer.create_dataset("kernel", (len(SECRET),), "u1", external=place)


def _from_another_file(layer, secret):
    other = secret.with_suffix(".h5")
    with h5py.File(other, "w") as file:
        file["kernel"] = np.frombuffer(SECRET, "u1")
    layer["kernel"] = h5py.ExternalLink(str(other), "kernel")


def _from_other_parts(layer, secret):
    _from_another_file(h5py.File(secret.with_suffix(".x"), "w"), secret)
    layout = h5py.VirtualLayout((len(SECRET),), "u1")
    source = h5py.VirtualSource(secret.with_suffix(".h5"), "kernel", (len(SECRET),))
    layout[:] = source
    layer.create_virtual_dataset("kernel", layout)


def _write(path, fill, secret):
    with h5py.File(path, "w") as file:
        layers = file.create_group("model_weights")
        layers.attrs["layer_names"] = ["dense"]
        layer = layers.create_group("dense")
        layer.attrs["weight_names"] = ["kernel"]
        fill(layer, secret)


@pytest.mark.parametrize(
    "fill", [_from_other_storage, _from_another_file, _from_other_parts]
)
def test_weights_that_lie_elsewhere_are_not_taken(tmp_path, secret, fill):
    model = tmp_path / "model.h5"
    _write(model, fill, secret)

    with pytest.raises(ValueError, match="takes weights from other files"):
        warm_start._read_arrays(model)


def test_weights_of_its_own_are_taken(tmp_path, secret):
    model = tmp_path / "model.h5"
    numbers = np.arange(9, dtype=np.float32)
    _write(model, lambda layer, _: layer.create_dataset("kernel", data=numbers), secret)
    (taken,) = warm_start._read_arrays(model)

    assert (numbers == taken).all()
