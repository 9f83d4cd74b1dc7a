"""The network and its training, for real and small: shape, repeatability, refusals."""

import dataclasses
import io
import time

import numpy as np
import pytest

from mnist_trainer import publish
from mnist_trainer.errors import DivergedError
from mnist_trainer.history import History
from mnist_trainer.narrator import Narrator
from mnist_trainer.parameters import Parameters
from mnist_trainer.schedule import plan_epoch, rates
from trainer.samples import a_dataset

pytestmark = pytest.mark.usefixtures("_tensorflow")

CNN_PARAMETERS = 29_834
"""At 28 x 28 pixels and ten classes; another number is another model."""


def _train(dataset, **parameters):
    from mnist_trainer.train import train  # noqa: PLC0415 (after TensorFlow's start)

    return train(
        dataset,
        dataclasses.replace(Parameters(epochs=1, batch_size=32), **parameters),
        narrator=Narrator(io.StringIO()),
        seconds=time.perf_counter,
    )


def _build(size, classes):
    from mnist_trainer.model import build_model  # noqa: PLC0415 (as above)

    return build_model(size, classes)


@pytest.fixture(scope="module")
def digits():
    return a_dataset(train=400, test=100)


def test_the_network_has_the_size_that_was_measured():
    assert CNN_PARAMETERS == _build(28, 10).count_params()


@pytest.mark.parametrize(("size", "classes"), [(28, 10), (8, 2), (13, 5), (64, 26)])
def test_raw_images_go_in_and_one_probability_per_class_comes_out(size, classes):
    images = np.random.default_rng(1).integers(0, 256, (3, size, size), np.uint8)
    answers = _build(size, classes)(images).numpy()

    assert (3, classes) == answers.shape
    np.testing.assert_allclose(np.ones(3), answers.sum(axis=1), rtol=1e-5)


def test_the_same_seed_trains_the_same_file_bit_for_bit(digits, tmp_path):
    files = []
    for name in ("one.h5", "other.h5"):
        network, _ = _train(digits, seed=7)
        publish._save(network, tmp_path / name)
        files.append((tmp_path / name).read_bytes())

    assert files[0] == files[1]


def test_another_seed_trains_another_model(digits):
    one, _ = _train(digits, seed=7)
    other, _ = _train(digits, seed=8)

    assert not np.array_equal(one.get_weights()[-1], other.get_weights()[-1])


@pytest.mark.parametrize(
    ("train", "size"),
    [
        pytest.param(1, 28, id="a-single-image"),
        pytest.param(33, 28, id="one-image-more-than-a-batch"),
        pytest.param(64, 8, id="the-smallest-images"),
        pytest.param(64, 57, id="large-images-of-odd-size"),
    ],
)
def test_odd_amounts_are_trained_on_to_the_end(train, size):
    _, history = _train(a_dataset(train=train, test=1, size=size), epochs=2)

    assert [1, 2] == [epoch.number for epoch in history.done]


def test_fractional_brightness_is_trained_on_too(digits):
    images = digits.train.images.astype(np.float32) * 0.5
    split = dataclasses.replace(digits.train, images=images)
    _, history = _train(dataclasses.replace(digits, train=split))

    assert 1 == len(history.done)


def test_a_loss_that_is_no_number_ends_the_training_at_once():
    from mnist_trainer.train import _run_epoch  # noqa: PLC0415 (as above)

    taken = []

    def take(piece):
        taken.append(piece)
        return float("nan"), 0.1

    planned = plan_epoch(
        np.random.default_rng(1), images=640, batch=8, margin=0, rates=rates(80, 0.1)
    )

    with pytest.raises(DivergedError, match="the loss became nan in epoch 1/3"):
        _run_epoch(
            take,
            planned,
            History(epochs=3),
            narrator=Narrator(io.StringIO()),
            seconds=time.perf_counter,
        )

    assert 1 == len(taken)


def test_weights_that_are_no_numbers_are_not_published():
    from mnist_trainer.train import _refuse_broken  # noqa: PLC0415 (as above)

    network = _build(28, 10)
    weights = network.get_weights()
    weights[0][0, 0, 0, 0] = np.nan
    network.set_weights(weights)

    with pytest.raises(DivergedError, match="lower learningRate"):
        _refuse_broken(network)


def test_the_score_counts_every_test_image_once():
    from mnist_trainer.train import evaluate  # noqa: PLC0415 (as above)

    dataset = a_dataset(train=40, test=1001)
    network, _ = _train(dataset)
    answers = network.predict(dataset.test.images, verbose=0).argmax(axis=1)

    assert np.mean(answers == dataset.test.labels) == pytest.approx(
        evaluate(network, dataset.test).accuracy
    )


def test_a_consumer_loads_the_file_with_keras_alone_and_gets_the_same_answers(
    digits, tmp_path, capfd
):
    import keras  # noqa: PLC0415 (as above)

    network, _ = _train(digits)
    publish._save(network, tmp_path / "my_model.h5")
    loaded = keras.models.load_model(tmp_path / "my_model.h5")
    images = digits.test.images
    loss, accuracy = loaded.evaluate(images, digits.test.labels, verbose=0)

    np.testing.assert_array_equal(
        network.predict(images, verbose=0), loaded.predict(images, verbose=0)
    )
    assert 0 <= accuracy <= 1
    assert np.isfinite(loss)
    assert "legacy" not in capfd.readouterr().err
