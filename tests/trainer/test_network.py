"""The network in plain ops and Keras's model of it give the same answers."""

import numpy as np
import pytest

from mnist_trainer.architecture import Conv, Dense, plan_network
from mnist_trainer.recipes import RECIPES, Name

SIZES = [
    pytest.param((8, 8, 1), id="the-smallest"),
    pytest.param((28, 28, 1), id="mnist"),
    pytest.param((17, 40, 1), id="neither-square-nor-even"),
    pytest.param((64, 64, 1), id="larger"),
    pytest.param((28, 28, 3), id="coloured"),
    pytest.param((256, 8, 1), id="a-strip"),
]


def _plan(name, size, *, classes=7, views=None):
    recipe = RECIPES[name]
    return plan_network(recipe.layers, size, classes, views=views or recipe.views)


def _images(size, count=3):
    return np.random.default_rng(1).integers(0, 256, (count, *size), np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", Name)
def test_the_model_that_is_handed_out_answers_as_what_was_trained(engine, name, size):
    planned, images = _plan(name, size), _images(size)
    learned = engine.draw(planned)
    answers = engine.build(planned, *learned)(images).numpy()

    assert (3, 7) == answers.shape
    np.testing.assert_allclose(np.ones(3), answers.sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(
        engine.answer(planned, *learned, images), answers, atol=1e-5
    )


@pytest.mark.parametrize("name", Name)
def test_it_agrees_before_the_last_softmax_too(engine, name):
    size = (28, 28, 1)
    planned, images = _plan(name, size, views=1), _images(size)
    weights, statistics = engine.draw(planned)
    whole = engine.build(planned, weights, statistics)
    before = engine.keras.Model(whole.input, whole.get_layer("logits").output)
    expected, _ = engine.network.logits(
        planned, weights, statistics, images, engine.network.Mode()
    )

    np.testing.assert_allclose(expected, before(images), atol=1e-4, rtol=1e-5)


def test_the_answer_is_the_mean_over_the_image_and_the_image_moved_each_way(engine):
    size = (9, 9, 1)
    planned = _plan(Name.BEST, size)
    single = _plan(Name.BEST, size, views=1)
    learned = engine.draw(planned)
    image = _images(size, 1)
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)))
    corners = [(1, 1), (2, 1), (0, 1), (1, 2), (1, 0)]
    seen = np.concatenate([padded[:, y : y + 9, x : x + 9] for y, x in corners])

    np.testing.assert_allclose(
        engine.answer(planned, *learned, image)[0],
        engine.answer(single, *learned, seen).numpy().mean(axis=0),
        atol=1e-5,
    )


@pytest.mark.parametrize("grey", [True, False])
def test_the_model_takes_images_as_they_lie_in_the_archive(engine, grey):
    planned = _plan(Name.FAST, (10, 12, 1))
    whole = engine.build(planned, *engine.draw(planned), grey=grey)

    assert (None, 10, 12, *([] if grey else [1])) == whole.input_shape
    assert ["image"] == [each.name for each in whole.inputs]


@pytest.mark.parametrize("size", [(28, 28, 1), (256, 8, 1), (8, 8, 3)])
@pytest.mark.parametrize("name", Name)
def test_reading_a_model_gives_back_the_very_numbers(engine, name, size):
    planned = _plan(name, size)
    weights, statistics = engine.draw(planned)
    whole = engine.build(planned, weights, statistics, dropout=0.2)
    read = engine.model.read_model(planned, whole)

    np.testing.assert_array_equal(weights, read[0])
    np.testing.assert_array_equal(statistics, read[1])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(_plan(Name.CLASSIC, (8, 8, 1)), id="of-another-recipe"),
        pytest.param(_plan(Name.FAST, (8, 8, 1), classes=6), id="of-other-classes"),
        pytest.param(_plan(Name.FAST, (8, 8, 3)), id="of-other-channels"),
    ],
)
def test_a_model_of_another_network_is_not_read(engine, other):
    planned = _plan(Name.FAST, (8, 8, 1))
    whole = engine.build(other, *engine.draw(other))

    assert engine.model.read_model(planned, whole) is None


def test_folding_keeps_every_pixel_of_a_block_in_one_place(engine):
    planned = plan_network((Conv(4),), (28, 42, 1), 2)
    image = np.arange(28 * 42, dtype=np.float32).reshape(1, 28, 42, 1)
    folded = engine.network.fold(image, planned).numpy()

    assert (2, 3) == planned.folds
    assert (1, 14, 14, 6) == folded.shape
    np.testing.assert_array_equal(image[0, 2:4, 3:6, 0].ravel(), folded[0, 1, 1])


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("size", [(8, 8, 1), (8, 256, 4), (256, 256, 1), (9, 31, 2)])
def test_any_size_has_a_network(name, size):
    planned = _plan(name, size)

    assert all(length > 0 for shape in planned.shapes for length in shape)
    assert (7,) == planned.shapes[-1]
    assert planned.weights < 70_000_000


def test_kernels_are_drawn_wide_where_little_comes_in_and_scales_begin_at_one(engine):
    planned = plan_network((Conv(32, kernel=3), Dense(400)), (28, 28, 1), 10)
    drawn = engine.network.draw_weights(planned, np.random.default_rng(1))
    kernel, scale, offset, dense, bias, last, _ = (
        part.numpy() for part in engine.network.split(drawn, planned.shapes)
    )

    assert np.sqrt(2 / 36) == pytest.approx(kernel.std(), rel=0.1)
    assert np.sqrt(2 / dense.shape[0]) == pytest.approx(dense.std(), rel=0.01)
    assert np.sqrt(1 / 400) == pytest.approx(last.std(), rel=0.05)
    np.testing.assert_array_equal(np.ones(32), scale)
    assert not offset.any()
    assert not bias.any()
