"""For the model as a file: one that others load without any code of ours.

The same weights give the same bytes, in any process and at any time, so that two models
can be compared by their digests.
What stands in the way of that is told where it is mended.
"""

import io
import json
import logging
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_trainer import storage

__all__ = ["save_h5", "save_keras", "save_saved_model"]

_METADATA: Final = "metadata.json"
_DATE: Final = "date_saved"
_CONFIG: Final = "config.json"
_SHARED: Final = "shared_object_id"

_ERRNO: Final = "errno = "
"""In the text of what h5py raises of the system's errors, which is no OSError."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive can name, which says that it means none."""


def save_h5(network: Any, path: Path, *, moments: bool = True) -> None:
    """Save as HDF5, compiled and without a trace of how it was trained.

    Keras's own format until version 3, which every consumer of the classic recipe's
    model reads; h5py writes no times into it.

    Args:
        network: the trained model.
        path: the file to write.
        moments: whether Adam's two are in the file, all zero.
            They belong to the classic recipe's file, whose 4.7 MB are two thirds
            moments; without them a small network is saved in half the time.

    """
    _settle(network, moments=moments)
    with _without_legacy_advice(), _blaming_the_disk(path):
        network.save(path)


def save_keras(network: Any, path: Path) -> None:
    """Save in Keras's own format, a zip archive of configuration and weights.

    Keras dates the archive's members and its metadata, and marks an object that occurs
    twice by its place in memory; all of that is taken out again, and Keras reads none
    of it.
    """
    # Without the moments Keras warns when it loads this format, but not of the other.
    _settle(network, moments=True)
    with _blaming_the_disk(path):
        network.save(path)
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), _neutralise(name, content))
    path.write_bytes(file.getvalue())


def save_saved_model(network: Any, folder: Path, names: Sequence[str]) -> None:
    """Save for TensorFlow Serving, into a folder that becomes one version's.

    The signature ``serving_default`` takes ``image``, uint8 of (batch, height, width)
    or (batch, height, width, channels), raw values 0..255, and gives

    - ``probabilities``, float32 of (batch, classes);
    - ``class``, int64 of (batch), the most probable one;
    - ``class_name``, its name.

    The graph carries the weights as constants: a single file and no checkpoint.
    ``tf.saved_model.save`` would name functions by how many were made before and
    write a random identifier into ``fingerprint.pb``, and takes five times as long.
    """
    from tensorflow.core.protobuf import (  # noqa: PLC0415 (takes seconds)
        saved_model_pb2,
    )

    _restart_randomness(network)
    graph = _trace(network, [name.encode("utf-8", "replace") for name in names])
    model = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    part = model.meta_graphs.add()
    part.meta_info_def.tags.append("serve")
    part.meta_info_def.tensorflow_version = _version()
    part.graph_def.CopyFrom(graph.as_graph_def())
    signature = part.signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/predict"
    _describe(signature.inputs["image"], graph.inputs[0])
    for name, tensor in graph.structured_outputs.items():
        _describe(signature.outputs[name], tensor)
    folder.mkdir(parents=True, exist_ok=True)
    content = model.SerializeToString(deterministic=True)
    (folder / "saved_model.pb").write_bytes(content)


def _settle(network: Any, *, moments: bool) -> None:
    """Compile, so that whoever loads the model can evaluate it or train on at once."""
    import keras  # noqa: PLC0415 (takes seconds)

    _restart_randomness(network)
    # Unless told, Keras calls the second optimizer of a process adam_1.
    optimizer = keras.optimizers.Adam(name="adam")
    if moments:
        optimizer.build(network.trainable_variables)
    loss = "sparse_categorical_crossentropy"
    network.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])


def _restart_randomness(network: Any) -> None:
    """Let the random numbers of layers such as dropout begin anew.

    How far they got is no part of what was learned, but of what is saved, and depends
    on how often a training was interrupted.
    """
    weights = {id(weight) for weight in network.weights}
    for state in network.variables:
        if id(state) not in weights:
            state.assign(np.zeros(state.shape, state.dtype))


@contextmanager
def _without_legacy_advice() -> Iterator[None]:
    """Hold back Keras's advice against HDF5: that file is what consumers expect."""

    def other(record: logging.LogRecord) -> bool:
        return "saving your model as an HDF5 file" not in record.getMessage()

    logger = logging.getLogger("absl")
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


@contextmanager
def _blaming_the_disk(path: Path) -> Iterator[None]:
    """Tell a full disk as such: HDF5 notices it when it closes a file.

    Raises:
        DiskError: the file cannot be written.

    """
    try:
        yield
    except OSError as error:
        raise storage.unwritable(path, error) from error
    except RuntimeError as error:
        if _ERRNO not in str(error):
            raise
        raise storage.unwritable(path, OSError(str(error))) from error


def _neutralise(name: str, content: bytes) -> bytes:
    """Take out of a member of the archive what says when and where it was written."""
    if name == _METADATA:
        metadata = json.loads(content)
        metadata.pop(_DATE, None)
        return json.dumps(metadata).encode()
    if name == _CONFIG:
        return json.dumps(json.loads(content, object_hook=_without_shared)).encode()
    return content


def _without_shared(part: dict[str, Any]) -> dict[str, Any]:
    part.pop(_SHARED, None)
    return part


def _trace(network: Any, names: Sequence[bytes]) -> Any:
    """Draw the graph from raw pixels to named scores, its weights as constants."""
    import tensorflow as tf  # noqa: PLC0415 (takes seconds)

    learned = [weight.numpy() for weight in network.trainable_variables]
    kept = [weight.numpy() for weight in network.non_trainable_variables]

    def serve(image: Any) -> dict[str, Any]:
        answers, _ = network.stateless_call(
            [tf.constant(value) for value in learned],
            [tf.constant(value) for value in kept],
            tf.cast(image, tf.float32),
            training=False,
        )
        answers = tf.cast(answers, tf.float32)
        likeliest = tf.argmax(answers, axis=-1, output_type=tf.int64)
        return {
            "probabilities": answers,
            "class": likeliest,
            "class_name": tf.gather(tf.constant(names), likeliest),
        }

    image = tf.TensorSpec((None, *network.input_shape[1:]), tf.uint8, name="image")
    return tf.function(serve, autograph=False).get_concrete_function(image).graph


def _describe(info: Any, tensor: Any) -> None:
    info.name = tensor.name
    info.dtype = tensor.dtype.as_datatype_enum
    info.tensor_shape.CopyFrom(tensor.shape.as_proto())


def _version() -> str:
    import tensorflow as tf  # noqa: PLC0415 (takes seconds)

    return str(tf.version.VERSION)
