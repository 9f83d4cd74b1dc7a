"""Training as a whole: to the end with any data, taken up again, or refused."""

import dataclasses
import io
import time

import numpy as np
import pytest

from mnist_trainer.errors import DivergedError
from mnist_trainer.narrator import Narrator
from trainer.plans import a_plan, some_data
from trainer.samples import a_dataset


@pytest.fixture(scope="module")
def digits():
    return a_dataset(train=400, test=100, size=16)


def _train(engine, dataset, *, words=None, **given):
    options = {
        name: given.pop(name) for name in ("begin", "resume", "keep") & given.keys()
    }
    return engine.train.train(
        dataset,
        a_plan(dataset, **given),
        narrator=Narrator(words or io.StringIO()),
        seconds=time.perf_counter,
        **options,
    )


@pytest.mark.parametrize(
    ("count", "shape", "given"),
    [
        pytest.param(1, (28, 28), {}, id="a-single-image"),
        pytest.param(65, (28, 28), {}, id="one-image-more-than-a-batch"),
        pytest.param(64, (8, 8), {"recipe": "Best"}, id="the-smallest-images"),
        pytest.param(64, (57, 31), {"recipe": "Best"}, id="odd-sizes-moved-further"),
        pytest.param(10, (30, 30, 4), {"augmentation": "Affine"}, id="four-channels"),
        pytest.param(9, (12, 12), {"precision": "Mixed"}, id="half-the-precision"),
        pytest.param(9, (12, 12), {"batchSize": 1}, id="the-smallest-batch"),
    ],
)
def test_odd_amounts_and_shapes_are_trained_on_to_the_end(engine, count, shape, given):
    dataset = some_data(count, *shape)
    learned, history = _train(engine, dataset, epochs=2, **given)
    plan = a_plan(dataset, epochs=2, **given)
    answers = engine.predict.predict(plan, learned, dataset.test.images)

    assert [1, 2] == [epoch.number for epoch in history.done]
    assert (9, 10) == answers.shape
    np.testing.assert_allclose(np.ones(9), answers.sum(axis=1), rtol=1e-4)


def test_loss_falls_and_accuracy_rises_from_epoch_to_epoch(engine, digits):
    words = io.StringIO()
    _, history = _train(engine, digits, epochs=3, words=words)
    told = [line for line in words.getvalue().splitlines() if "loss" in line]

    losses = [epoch.loss for epoch in history.done]
    assert sorted(losses, reverse=True) == losses
    assert history.done[-1].accuracy > history.done[0].accuracy
    assert [epoch.sentence(3) for epoch in history.done] == told


@pytest.mark.parametrize(
    ("count", "recipe"), [(1, "Best"), (999, "Classic"), (1001, "Classic")]
)
def test_every_image_is_answered_once_and_as_the_finished_model_does(
    engine, count, recipe
):
    plan = a_plan(some_data(count, 8, 8), recipe=recipe)
    learned = engine.train.Learned(*engine.draw(plan.network))
    images = some_data(count, 8, 8).train.images
    model = engine.build(plan.network, learned.weights, learned.statistics)

    np.testing.assert_allclose(
        model.predict(images[..., None], verbose=0, batch_size=count),
        engine.predict.predict(plan, learned, images),
        atol=1e-5,
    )


def test_a_training_taken_up_after_an_epoch_ends_with_the_same_bits(engine, digits):
    kept = []

    def keep(checkpoint):
        kept.append(
            dataclasses.replace(
                checkpoint, history=dataclasses.replace(checkpoint.history, done=[])
            )
        )
        kept[-1].history.done.extend(checkpoint.history.done)

    given = {"epochs": 3, "recipe": "Classic"}
    whole, history = _train(engine, digits, keep=keep, **given)
    rest, told = _train(engine, digits, resume=kept[0], **given)

    assert 3 == len(kept)
    np.testing.assert_array_equal(whole.weights, rest.weights)
    np.testing.assert_array_equal(whole.statistics, rest.statistics)
    assert [epoch.loss for epoch in history.done] == [each.loss for each in told.done]


def test_a_training_can_begin_from_what_another_has_learned(engine, digits):
    given = {"epochs": 1, "learningRate": "0.0005"}
    learned, _ = engine.learn(digits, epochs=4)
    _, anew = _train(engine, digits, **given)
    _, further = _train(engine, digits, begin=learned, **given)

    assert further.done[0].loss < anew.done[0].loss / 2


def test_a_loss_that_is_no_number_ends_the_training_at_once(engine):
    dataset = some_data(64, 12, 12)
    plan = a_plan(dataset, recipe="Classic")
    weights, statistics = engine.draw(plan.network)
    begin = engine.train.Learned(weights * 1e20, statistics)
    words = io.StringIO()

    with pytest.raises(DivergedError, match=r"the loss became (nan|inf) in epoch 1/9"):
        _train(engine, dataset, begin=begin, words=words, recipe="Classic", epochs=9)

    assert "" == words.getvalue()


def test_weights_that_are_no_numbers_are_not_published(engine):
    """A rectifier turns NaN into an innocent zero, and the loss stays a number."""
    dataset = some_data(16, 12, 12)
    plan = a_plan(dataset, recipe="Classic")
    weights, statistics = engine.draw(plan.network)
    weights[0] = np.nan
    # The first pixel is black in all images, so nothing of it reaches the loss.
    dataset.train.images[:, 0, 0] = 0
    begin = engine.train.Learned(weights, statistics)

    with pytest.raises(DivergedError, match="lower learningRate"):
        _train(engine, dataset, begin=begin, recipe="Classic", epochs=1)
