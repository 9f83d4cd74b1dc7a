"""What a training will be, known before it begins."""

import numpy as np
import pytest

from mnist_trainer.recipes import RECIPES, Name
from mnist_trainer.schedule import Share
from trainer.plans import a_plan, some_data


def test_without_a_word_it_is_the_recipe_fast():
    plan = a_plan(1000)

    assert Name.FAST == plan.parameters.recipe
    assert RECIPES[Name.FAST].batch_size == plan.batch
    assert (1000, 10, (8, 8, 1)) == (
        plan.images,
        plan.network.classes,
        plan.network.size,
    )


@pytest.mark.parametrize("name", Name)
def test_data_as_large_as_mnist_get_the_recipes_own_epochs(name):
    recipe = RECIPES[name]

    assert recipe.epochs == a_plan(1000, recipe=name).parameters.count_epochs(60_000)
    assert recipe.epochs * 60_000 >= recipe.least_steps * recipe.batch_size


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("images", [200, 3000])
def test_few_images_are_seen_more_often_so_that_there_are_steps_enough(name, images):
    plan = a_plan(images, recipe=name)

    assert plan.epochs > plan.parameters.made_by.epochs
    assert plan.steps * plan.epochs >= plan.parameters.made_by.least_steps
    assert plan.steps * (plan.epochs - 1) < plan.parameters.made_by.least_steps


def test_very_few_images_are_not_seen_more_often_than_can_be_asked_for():
    assert 1000 == a_plan(1, recipe="Best").epochs


def test_as_many_epochs_as_were_asked_for_are_done_with_any_data():
    assert 2 == a_plan(4, epochs=2).epochs


@pytest.mark.parametrize(
    ("images", "asked", "workers", "batch", "steps"),
    [
        pytest.param(100, 10, 1, 10, 10, id="it-goes-up-evenly"),
        pytest.param(101, 10, 1, 10, 11, id="a-last-batch-that-is-not-full"),
        pytest.param(100, 9, 1, 10, 10, id="an-odd-batch-for-two-towers"),
        pytest.param(100, 10, 4, 12, 9, id="a-batch-that-four-workers-cannot-share"),
        pytest.param(100, 1, 3, 3, 34, id="an-image-for-each-worker-at-least"),
        pytest.param(5, 64, 1, 6, 1, id="fewer-images-than-a-batch"),
        pytest.param(1, 64, 1, 2, 1, id="a-single-image"),
    ],
)
def test_a_batch_is_shared_evenly_among_all_workers_and_towers(
    images, asked, workers, batch, steps
):
    plans = [
        a_plan(images, batchSize=asked, share=Share(number, workers))
        for number in range(workers)
    ]

    for plan in plans:
        assert (batch, steps) == (plan.batch, plan.steps)
        assert 0 == plan.batch % plan.parts
        rows = plan.order(0).rows
        assert (steps, batch // workers) == rows.shape
        assert 0 == rows.shape[1] % plan.towers


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_all_workers_together_learn_from_every_image_once(workers):
    orders = [
        a_plan(50, batchSize=8, share=Share(number, workers)).order(1)
        for number in range(workers)
    ]
    learned = np.concatenate([order.rows[order.counted > 0] for order in orders])

    assert list(range(50)) == sorted(learned)


def test_the_learning_rate_is_one_cycle_over_all_epochs():
    plan = a_plan(100, batchSize=10, epochs=5, learningRate="0.1")
    rates = np.concatenate([plan.order(epoch).rates for epoch in range(5)])

    assert 50 == len(rates)
    top = int(rates.argmax())
    assert 0.1 == pytest.approx(rates[top], rel=0.1)
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:]) < 0).all()


def test_what_was_done_can_be_asked_for_again():
    described = a_plan(100, recipe="Best", augmentation="Affine", seed=4).describe()
    again = a_plan(100, **described)

    assert described == again.describe()
    assert described["epochs"] == a_plan(100, recipe="Best").epochs


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_plan(100, seed=1), id="another-seed"),
        pytest.param(a_plan(100, recipe="Classic"), id="another-recipe"),
        pytest.param(a_plan(101), id="another-number-of-images"),
        pytest.param(a_plan(some_data(100, 8, 9)), id="images-of-another-size"),
        pytest.param(a_plan(some_data(100, 8, 8, classes=9)), id="fewer-classes"),
    ],
)
def test_another_training_has_another_fingerprint(other):
    assert a_plan(100).fingerprint() == a_plan(100).fingerprint()
    assert a_plan(100).fingerprint() != other.fingerprint()


def test_all_workers_have_the_fingerprint_of_their_training():
    shares = [Share(0, 2), Share(1, 2)]

    assert 1 == len({a_plan(100, share=share).fingerprint() for share in shares})


@pytest.mark.parametrize("name", Name)
def test_width_multiplies_the_layers_and_nothing_else(name):
    plain, wide = (a_plan(100, recipe=name, width=width) for width in (1, 3))

    assert [3 * one.width for one in plain.network.layers] == [
        one.width for one in wide.network.layers
    ]
    assert (plain.steps, plain.epochs) == (wide.steps, wide.epochs)
