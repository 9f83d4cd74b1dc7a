"""Models of whatever make are measured: ours, Keras's, and TensorFlow Serving's."""

import importlib
import json

import numpy as np
import pytest

from mnist_trainer import fetch
from mnist_trainer.errors import ConfigError
from mnist_trainer.formats import save_h5, save_saved_model
from trainer.plans import a_plan, some_data
from trainer.programs import a_session
from trainer.samples import arrays, draw_digits, pack

X_TRAIN, Y_TRAIN = draw_digits(400, seed=1)
X_TEST, Y_TEST = draw_digits(100, seed=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with data."""
    folder = tmp_path_factory.mktemp("evaluate")
    content = arrays(x_train=X_TRAIN, y_train=Y_TRAIN, x_test=X_TEST, y_test=Y_TEST)
    (folder / "data.npz").write_bytes(pack(content))
    return folder


@pytest.fixture(scope="module")
def keras(engine):
    return engine.keras


def _assess(folder, model, *arguments):
    assess = importlib.import_module("mnist_trainer.assess")
    session = a_session(folder, "--evaluate", str(model), *arguments)
    fetching = fetch.start_fetching(session)
    try:
        message = assess.assess(session, fetching)
    finally:
        # A refusal does not wait for the data; the next test has the same scratch.
        fetching.exception()
    return message, session.narrator.story()


def _means():
    return np.stack([X_TRAIN[Y_TRAIN == one].mean(axis=0) for one in range(10)])


def _nearest(keras, shape, scale, *, softmax=True, classes=10):
    """A model of one layer that compares with the mean of each class."""
    means = _means().reshape(10, -1)
    means = np.concatenate([means, np.zeros((classes, means.shape[1]))])[:classes]
    means *= scale
    layers = [
        keras.layers.Input(shape),
        keras.layers.Flatten(),
        keras.layers.Dense(classes, name="compare"),
    ]
    model = keras.Sequential([*layers, *([keras.layers.Softmax()] if softmax else [])])
    bias = -(means**2).sum(axis=1) / 2
    bias[10:] = -1e9
    model.set_weights([means.T, bias])
    return model


@pytest.fixture(scope="module")
def known():
    """How many of the test images that model recognises."""
    means = _means()
    far = ((X_TEST[:, None].astype(float) - means) ** 2).sum(axis=(2, 3))
    return float((far.argmin(axis=1) == Y_TEST).mean())


@pytest.mark.parametrize(
    ("name", "shape", "scale", "softmax", "takes"),
    [
        ("raw.h5", (28, 28), 1.0, True, "raw pixels 0..255"),
        ("raw.keras", (28, 28), 1.0, True, "raw pixels 0..255"),
        ("scaled.h5", (28, 28), 1 / 255, True, "pixels scaled to 0..1"),
        ("channel.keras", (28, 28, 1), 1 / 255, True, "pixels scaled to 0..1"),
        ("flat.keras", (784,), 1.0, True, "raw pixels 0..255"),
        ("logits.keras", (28, 28), 1 / 255, False, "pixels scaled to 0..1"),
    ],
)
def test_a_model_of_keras_is_measured_as_it_takes_images(
    folder, tmp_path, keras, known, name, shape, scale, softmax, takes
):
    path = tmp_path / name
    _nearest(keras, shape, scale, softmax=softmax).save(path)
    message, told = _assess(folder, path)

    assert f"{path} takes {takes}" in told
    assert f"accuracy {known:.2%} on 100 test images" == message
    assert f"accuracy        {known:.2%} of 100 test images" in told


def test_a_model_of_images_of_any_size_is_measured(folder, tmp_path, keras):
    layers = keras.layers
    any_size = [layers.Input((None, None, 1)), layers.GlobalAveragePooling2D()]
    model = keras.Sequential([*any_size, layers.Dense(10, activation="softmax")])
    model.save(tmp_path / "any.keras")
    message, _ = _assess(folder, tmp_path / "any.keras")

    assert message.endswith("on 100 test images")


def test_a_saved_model_of_keras_is_measured(folder, tmp_path, keras, known):
    _nearest(keras, (28, 28), 1 / 255).export(tmp_path / "exported", verbose=False)
    message, _ = _assess(folder, tmp_path / "exported")

    assert f"accuracy {known:.2%} on 100 test images" == message


def test_our_own_files_are_measured_and_the_results_written(folder, tmp_path, engine):
    plan = a_plan(some_data(60, 28, 28))
    weights, statistics = engine.draw(plan.network)
    model = engine.build(plan.network, weights, statistics, grey=True)
    save_h5(model, tmp_path / "my_model.h5")
    save_saved_model(model, tmp_path / "saved_model" / "1", list("0123456789"))
    found = {}
    for name in ("my_model.h5", "saved_model"):
        output = tmp_path / f"results of {name}"
        _assess(folder, tmp_path / name, "--output", str(output))
        found[name] = json.loads((output / "metrics.json").read_text())
        assert {"confusion_matrix.png", "index.html", "worst_mistakes.png"} == {
            each.name for each in (output / "report").iterdir()
        }
        assert not (output / "run.json").exists()

    assert found["my_model.h5"]["perClass"] == found["saved_model"]["perClass"]
    assert found["my_model.h5"]["modelParameters"] == model.count_params()
    assert [] == found["my_model.h5"]["history"]


def test_without_an_output_nothing_is_written(folder, tmp_path, keras):
    _nearest(keras, (28, 28), 1.0).save(tmp_path / "model.h5")
    before = sorted(folder.iterdir())
    _, told = _assess(folder, tmp_path / "model.h5")

    assert before == sorted(folder.iterdir())
    assert "files           none" in told


def test_a_model_may_know_more_classes_than_the_data_has(folder, tmp_path, keras):
    _nearest(keras, (28, 28), 1.0, classes=12).save(tmp_path / "model.keras")
    output = tmp_path / "out"
    _assess(folder, tmp_path / "model.keras", "--output", str(output), "--outputs", "")
    metrics = json.loads((output / "metrics.json").read_text())

    assert 12 == metrics["classes"]
    assert ["10", "11"] == [one["name"] for one in metrics["perClass"][10:]]
    assert ["metrics.json"] == [each.name for each in output.iterdir()]


def _write_lambda(keras, path):
    layers = [keras.layers.Input((28, 28)), keras.layers.Lambda(lambda x: x)]
    keras.Sequential(layers).save(path)


def _write_two_inputs(keras, path):
    inputs = [keras.layers.Input((28, 28)) for _ in range(2)]
    flat = keras.layers.Flatten()(keras.layers.Add()(inputs))
    keras.Model(inputs, keras.layers.Dense(10)(flat)).save(path)


@pytest.mark.parametrize(
    ("name", "write", "told"),
    [
        pytest.param(
            "code.h5", _write_lambda, "risk of arbitrary code", id="code-in-h5"
        ),
        pytest.param(
            "code.keras", _write_lambda, "risk of arbitrary code", id="code-in-keras"
        ),
        pytest.param(
            "cut.h5",
            lambda _, path: path.write_bytes(b"x"),
            "cannot be loaded",
            id="h5",
        ),
        pytest.param(
            "a.png",
            lambda _, path: path.write_bytes(b"x"),
            "cannot be loaded",
            id="png",
        ),
        pytest.param(
            "empty", lambda _, path: path.mkdir(), "cannot be loaded", id="folder"
        ),
        pytest.param("gone.h5", lambda *_: None, "no such file or folder", id="gone"),
        pytest.param(
            "size.keras",
            lambda keras, path: keras.Sequential(
                [keras.layers.Input((32, 32, 3)), keras.layers.Flatten()]
            ).save(path),
            "images of (32, 32, 3), and the data has images of (28, 28)",
            id="another-size",
        ),
        pytest.param(
            "few.keras",
            lambda keras, path: _nearest(keras, (28, 28), 1.0, classes=9).save(path),
            "tells 9 classes apart, and the data has 10",
            id="fewer-classes",
        ),
        pytest.param(
            "several.keras",
            _write_two_inputs,
            "2 inputs and 1 outputs: name one with a single image",
            id="several-inputs",
        ),
        pytest.param(
            "no.keras",
            lambda keras, path: keras.Sequential(
                [keras.layers.Input((28, 28)), keras.layers.Dense(10)]
            ).save(path),
            "one number for each class",
            id="no-classifier",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:The `lambda` layer:UserWarning")
def test_a_model_that_cannot_be_measured_is_refused(
    folder, tmp_path, keras, name, write, told
):
    write(keras, tmp_path / name)

    with pytest.raises(ConfigError) as refused:
        _assess(folder, tmp_path / name)

    assert told in str(refused.value)
    assert "--evaluate" in str(refused.value)


def test_the_results_of_a_training_are_not_written_over(folder, tmp_path, keras):
    _nearest(keras, (28, 28), 1.0).save(tmp_path / "model.h5")
    (tmp_path / "run.json").write_text("{}")

    with pytest.raises(ConfigError, match="name another folder"):
        _assess(folder, tmp_path / "model.h5", "--output", str(tmp_path))
