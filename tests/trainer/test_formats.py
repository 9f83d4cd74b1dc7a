"""The model as a file: the same bytes for the same weights, and read back by others."""

import ctypes
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mnist_trainer import formats
from trainer.networks import NAMES, a_network, save_all, some_images

pytestmark = pytest.mark.usefixtures("_tensorflow")

ROOT = Path(__file__).parents[2]
DEADLINE = 600

STRANGER = """
import json, pathlib, sys
# As a server has it: TensorFlow alone, neither Keras nor any code of ours.
sys.modules["keras"] = None
import numpy as np
import tensorflow as tf

# The highest number below the base path is the version that is served.
base = pathlib.Path("saved_model")
version = max(int(each.name) for each in base.iterdir() if each.name.isdigit())
served = tf.saved_model.load(base / str(version), tags=["serve"])
score = served.signatures["serving_default"]
scores = score(image=tf.constant(np.load("images.npy")))
np.save("probabilities.npy", scores["probabilities"])
_, wanted = score.structured_input_signature
describe = lambda specs: {name: [spec.dtype.name, *spec.shape] for name, spec in specs}
answer = {
    "wanted": describe(wanted.items()),
    "given": describe(score.structured_outputs.items()),
    "class": scores["class"].numpy().tolist(),
    "class_name": [name.decode() for name in scores["class_name"].numpy()],
}
# Then the same model is made and saved, where nothing was made before it.
del sys.modules["keras"]
sys.path[:0] = sys.argv[1:]
from trainer.networks import a_network, save_all

print(json.dumps(answer | {"digests": save_all(a_network(), pathlib.Path("again"))}))
"""


@pytest.fixture(scope="module")
def network(_tensorflow):
    return a_network()


@pytest.fixture(scope="module")
def stranger(network, tmp_path_factory):
    """What another process sees of a SavedModel, and which files it makes itself."""
    folder = tmp_path_factory.mktemp("stranger")
    formats.save_saved_model(network, folder / "saved_model" / "1", NAMES)
    np.save(folder / "images.npy", some_images(network))
    done = subprocess.run(
        [sys.executable, "-c", STRANGER, str(ROOT / "trainer"), str(ROOT / "tests")],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout), np.load(folder / "probabilities.npy")


def test_equal_weights_give_equal_bytes_in_every_format(network, tmp_path):
    first = save_all(network, tmp_path / "first")
    again = save_all(network, tmp_path / "again")
    other = save_all(a_network(), tmp_path / "other")

    assert {"my_model.h5", "my_model.keras", "served/saved_model.pb"} == set(first)
    assert first == again == other


def test_another_process_makes_the_same_bytes(network, stranger, tmp_path):
    answer, _ = stranger

    assert save_all(network, tmp_path) == answer["digests"]


def test_other_weights_give_other_bytes_in_every_format(network, tmp_path):
    other = a_network()
    changed = other.get_weights()
    changed[-1][0] += 1
    other.set_weights(changed)
    digests = save_all(network, tmp_path / "one")
    others = save_all(other, tmp_path / "other")

    assert not set(digests.values()) & set(others.values())


def test_how_far_the_random_numbers_of_dropout_got_leaves_no_trace(network, tmp_path):
    before = save_all(network, tmp_path / "before")
    trained = a_network()
    weights = trained.get_weights()
    trained(some_images(trained), training=True)
    trained.set_weights(weights)

    assert before == save_all(trained, tmp_path / "after")


def test_the_keras_archive_holds_no_date(network, tmp_path):
    formats.save_keras(network, tmp_path / "my_model.keras")
    with zipfile.ZipFile(tmp_path / "my_model.keras") as archive:
        dates = {member.date_time for member in archive.infolist()}
        metadata = json.loads(archive.read("metadata.json"))

    assert {(1980, 1, 1, 0, 0, 0)} == dates
    assert {"keras_version"} == set(metadata)


@pytest.mark.parametrize(
    ("save", "name"),
    [
        pytest.param(formats.save_h5, "my_model.h5", id="h5"),
        pytest.param(
            lambda network, path: formats.save_h5(network, path, moments=False),
            "my_model.h5",
            id="h5-without-moments",
        ),
        pytest.param(formats.save_keras, "my_model.keras", id="keras"),
    ],
)
def test_keras_alone_loads_the_file_compiled_and_gets_the_same_answers(
    network, tmp_path, capfd, save, name
):
    """A warning of Keras's, when it saves or loads, would fail this test."""
    import keras  # noqa: PLC0415 (after TensorFlow's start)

    save(network, tmp_path / name)
    loaded = keras.models.load_model(tmp_path / name)
    images = some_images(network)
    expected = network(images).numpy()
    loss, accuracy = loaded.evaluate(images, expected.argmax(axis=1), verbose=0)

    np.testing.assert_array_equal(expected, loaded(images).numpy())
    assert (1.0, True) == (accuracy, np.isfinite(loss))
    assert "legacy" not in capfd.readouterr().err


def test_the_classic_models_file_has_the_classic_size(tmp_path):
    network = a_network((28, 28), classes=10, hidden=512)
    formats.save_h5(network, tmp_path / "whole.h5")
    formats.save_h5(network, tmp_path / "small.h5", moments=False)

    assert 4.9 == pytest.approx((tmp_path / "whole.h5").stat().st_size / 1e6, abs=0.1)
    assert 1.6 == pytest.approx((tmp_path / "small.h5").stat().st_size / 1e6, abs=0.1)


def test_a_server_takes_bytes_and_gives_named_scores(stranger):
    answer, _ = stranger

    assert {"image": ["uint8", None, 6, 5]} == answer["wanted"]
    assert {
        "probabilities": ["float32", None, len(NAMES)],
        "class": ["int64", None],
        "class_name": ["string", None],
    } == answer["given"]


def test_a_server_answers_as_the_network_does(network, stranger):
    answer, probabilities = stranger
    expected = network(some_images(network)).numpy()

    np.testing.assert_allclose(expected, probabilities, rtol=1e-5, atol=1e-7)
    assert expected.argmax(axis=1).tolist() == answer["class"]
    assert [NAMES[number] for number in answer["class"]] == answer["class_name"]


def test_the_loader_inside_of_tensorflow_serving_takes_the_folder(network, tmp_path):
    """It is TensorFlow's own in C++, which its C interface offers."""
    formats.save_saved_model(network, tmp_path / "1", NAMES)

    assert (0, b"") == _load_as_a_server_does(tmp_path / "1")
    assert b"Could not find SavedModel" in _load_as_a_server_does(tmp_path / "2")[1]


def _load_as_a_server_does(folder):
    """Return the status that TensorFlow gives, and what it says to it."""
    import tensorflow as tf  # noqa: PLC0415 (after its start)

    place = Path(tf.__file__).parent / "libtensorflow_cc.so.2"
    library = ctypes.CDLL(str(place))
    for name in ("TF_NewSessionOptions", "TF_NewGraph", "TF_NewStatus"):
        getattr(library, name).restype = ctypes.c_void_p
    library.TF_Message.restype = ctypes.c_char_p
    status = ctypes.c_void_p(library.TF_NewStatus())
    library.TF_LoadSessionFromSavedModel(
        ctypes.c_void_p(library.TF_NewSessionOptions()),
        None,
        str(folder).encode(),
        (ctypes.c_char_p * 1)(b"serve"),
        1,
        ctypes.c_void_p(library.TF_NewGraph()),
        None,
        status,
    )
    return library.TF_GetCode(status), library.TF_Message(status)


@pytest.mark.parametrize("shape", [(4, 9, 1), (8, 8, 3), (5, 6, 4)])
def test_images_of_any_size_and_with_channels_are_served(tmp_path, shape):
    import tensorflow as tf  # noqa: PLC0415 (after its start)

    network = a_network(shape, classes=2)
    formats.save_saved_model(network, tmp_path, ["no", "yes"])
    images = some_images(network)
    served = tf.saved_model.load(tmp_path).signatures["serving_default"]
    scores = served(image=tf.constant(images))

    np.testing.assert_allclose(
        network(images).numpy(), scores["probabilities"], rtol=1e-5, atol=1e-7
    )


def test_a_name_that_is_no_text_does_not_keep_a_model_from_being_served(tmp_path):
    import tensorflow as tf  # noqa: PLC0415 (after its start)

    network = a_network(classes=2)
    formats.save_saved_model(network, tmp_path, ["half \ud800 of a pair"] * 2)
    served = tf.saved_model.load(tmp_path).signatures["serving_default"]
    scores = served(image=tf.constant(some_images(network, 1)))

    assert [b"half ? of a pair"] == scores["class_name"].numpy().tolist()
