"""How good a model is, in figures that can be worked out by hand."""

import numpy as np
import pytest

from mnist_trainer.errors import DivergedError
from mnist_trainer.metrics import measure, wilson_interval


def _sure(answers, classes=3):
    """Give each image the answer named, without any doubt."""
    return np.eye(classes, dtype=np.float32)[answers]


def test_accuracy_and_what_each_class_contributes():
    # Of four a, one is taken for b; both b are right; there is no c.
    found = measure(_sure([0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 0, 1, 1]), "abc")
    first, second, third = found["perClass"]

    assert round(5 / 6, 6) == found["accuracy"]
    assert [[3, 1, 0], [0, 2, 0], [0, 0, 0]] == found["confusionMatrix"]
    assert {"class": 0, "name": "a", "support": 4} == {
        key: first[key] for key in ("class", "name", "support")
    }
    assert (1.0, 0.75, round(6 / 7, 6)) == (
        first["precision"],
        first["recall"],
        first["f1"],
    )
    assert (round(2 / 3, 6), 1.0, 0.8) == (
        second["precision"],
        second["recall"],
        second["f1"],
    )
    assert {None} == {third["precision"], third["recall"], third["f1"]}
    assert 0 == third["support"]


def test_averages_leave_out_a_class_without_test_images():
    found = measure(_sure([0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 0, 1, 1]), "abc")

    assert 0.875 == found["balancedAccuracy"]
    assert pytest.approx((6 / 7 + 0.8) / 2, abs=1e-6) == found["macroF1"]


@pytest.mark.usefixtures("_tensorflow")
def test_the_loss_is_keras_own():
    import keras  # noqa: PLC0415 (after TensorFlow's start)

    probabilities = np.random.default_rng(1).dirichlet([0.1] * 3, 500)
    probabilities = probabilities.astype(np.float32)
    probabilities[0] = [0, 1, 0]
    labels = np.arange(500, dtype=np.int32) % 3
    loss = keras.losses.sparse_categorical_crossentropy(labels, probabilities)

    assert (
        pytest.approx(float(np.mean(loss)), abs=1e-4)
        == (measure(probabilities, labels, "abc")["loss"])
    )


def test_a_model_that_is_as_right_as_it_is_sure_is_calibrated():
    sureness = np.full((10, 2), [0.8, 0.2], np.float32)
    right = np.array([0] * 8 + [1] * 2)

    assert 0 == measure(sureness, right, "ab")["expectedCalibrationError"]
    assert (
        pytest.approx(0.2, abs=1e-6)
        == (measure(sureness, right * 0, "ab")["expectedCalibrationError"])
    )


def test_the_most_frequent_mistakes_come_first():
    labels = np.array([0, 0, 1, 2])
    found = measure(_sure([1, 1, 2, 2]), labels, ["four", "nine", "seven"])

    assert [
        {"true": "four", "predicted": "nine", "count": 2},
        {"true": "nine", "predicted": "seven", "count": 1},
    ] == found["mostConfused"]


def test_an_answer_that_is_no_number_is_refused():
    answers = _sure([0, 1])
    answers[1, 0] = np.nan

    with pytest.raises(DivergedError, match="lower learningRate"):
        measure(answers, np.array([0, 1]), "abc")


@pytest.mark.parametrize(
    ("hits", "count", "expected"),
    [
        # Either end p solves (hits / count - p)² = 1.96² p (1 - p) / count.
        pytest.param(10_000, 10_000, (0.999616, 1), id="all-of-many"),
        pytest.param(0, 10, (0, 0.277533), id="none-of-few"),
        pytest.param(9_900, 10_000, (0.987853, 0.991771), id="mnist"),
        pytest.param(1, 2, (0.094531, 0.905469), id="one-of-two"),
    ],
)
def test_the_confidence_interval_is_wilsons(hits, count, expected):
    assert pytest.approx(expected, abs=1e-6) == wilson_interval(hits, count)
