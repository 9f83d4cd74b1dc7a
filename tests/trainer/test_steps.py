"""A step of learning: the same as Keras's own, whoever shares in it, and repeatable."""

import dataclasses

import numpy as np
import pytest

from mnist_trainer.batches import gather
from mnist_trainer.dataset import Split
from mnist_trainer.recipes import Name
from mnist_trainer.schedule import cut
from trainer.plans import a_plan, some_data

_DATA = some_data(8, 12, 12)
_RATE = 0.01
_TAKEN = 4
"""So many steps have been taken before: nothing is at rest any more."""


def _plan(recipe, *, towers=1, data=_DATA, **given):
    return a_plan(data, towers=towers, recipe=recipe, batchSize=8, **given)


def _piece(plan, data=_DATA, **changed):
    order = dataclasses.replace(
        plan.order(0), first=_TAKEN, rates=np.float32([_RATE]), **changed
    )
    return gather(data.train, order)


def _state(engine, plan, *, fresh=False):
    """A state in the middle of things, or one whose means become the gradient."""
    weights, statistics = engine.draw(plan.network)
    generator = np.random.default_rng(5)
    shape = weights.shape
    means = generator.normal(0, 0.1, shape).astype(np.float32)
    squares = generator.uniform(0.01, 0.02, shape).astype(np.float32)
    if fresh:
        means, squares = np.zeros_like(means), np.zeros_like(squares)
    return engine.steps.State(weights, means, squares, statistics)


def _gradient(engine, plan, piece, **changed):
    """The gradient is ten times what a first step makes of Adam's means."""
    state = _state(engine, plan, fresh=True)
    return 10 * engine.take(plan, state, piece, **changed)[0].means


def _in_keras(engine, plan, state, piece):
    """Keras's model of the network down to the logits, and its loss and gradients."""
    single = dataclasses.replace(plan.network, views=plan.network.views[:1])
    whole = engine.build(single, state.weights, state.statistics)
    before = engine.keras.Model(whole.input, whole.get_layer("logits").output)
    smoothing = float(plan.parameters.label_smoothing)
    compare = engine.keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing
    )
    with engine.tf.GradientTape() as tape:
        answers = before(piece.images[0], training=True)
        loss = compare(engine.tf.one_hot(piece.labels[0], 10), answers)
    return before, tape.gradient(loss, before.trainable_variables)


def _flat(arrays):
    return np.concatenate([np.ravel(each) for each in arrays])


@pytest.mark.parametrize("recipe", Name)
def test_a_step_is_the_one_that_keras_takes_with_adamw(engine, recipe):
    plan = _plan(recipe, dropout="0", weightDecay="0.1", labelSmoothing="0.2")
    state, piece = _state(engine, plan), _piece(plan)
    model, gradients = _in_keras(engine, plan, state, piece)
    adam = engine.keras.optimizers.AdamW(
        _RATE, weight_decay=0.1, beta_1=0.9, beta_2=0.99, epsilon=1e-7
    )
    adam.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    adam.build(model.trainable_variables)
    adam.iterations.assign(_TAKEN)
    for kept, vector in ((adam._momentums, 1), (adam._velocities, 2)):
        parts = engine.network.split(state[vector], plan.network.shapes)
        for variable, part in zip(kept, parts, strict=True):
            variable.assign(part)
    adam.apply(gradients, model.trainable_variables)
    after, _ = engine.take(plan, state, piece)

    close = {"atol": 1e-5, "rtol": 1e-4}
    np.testing.assert_allclose(_flat(model.trainable_variables), after.weights, **close)
    np.testing.assert_allclose(_flat(adam._momentums), after.means, **close)
    np.testing.assert_allclose(_flat(adam._velocities), after.squares, **close)


def test_running_statistics_follow_those_of_the_batch(engine):
    data = some_data(8, 28, 28)
    plan = _plan("Fast", data=data)
    state, piece = _state(engine, plan), _piece(plan, data)
    model, _ = _in_keras(engine, plan, state, piece)
    after, _ = engine.take(plan, state, piece)

    kept = _flat(model.non_trainable_variables)
    # Keras's variances are those of the batch, ours of what the batch is drawn from.
    np.testing.assert_allclose(kept, after.statistics, rtol=0.01, atol=1e-5)
    assert np.abs(after.statistics - state.statistics).max() > 0.001


def test_loss_and_hits_are_told_as_sums_over_the_batch(engine):
    plan = _plan("Classic", dropout="0", labelSmoothing="0.3")
    state, piece = _state(engine, plan), _piece(plan)
    _, (loss, hits) = engine.take(plan, state, piece)
    answers = engine.answer(
        plan.network, state.weights, state.statistics, piece.images[0]
    ).numpy()

    truth = answers[np.arange(8), piece.labels[0]]
    assert -np.log(truth).sum() == pytest.approx(loss, rel=1e-4)
    assert (answers.argmax(axis=1) == piece.labels[0]).sum() == hits


@pytest.mark.parametrize("recipe", ["Fast", "Classic"])
def test_a_row_that_only_fills_a_batch_up_teaches_nothing(engine, recipe):
    plan = _plan(recipe, dropout="0")
    counted = np.float32([[1, 1, 0, 1, 1, 1, 0, 0]])
    masked = {"counted": counted, "totals": np.float32([5])}
    piece = _piece(plan, **masked)
    relabelled = dataclasses.replace(
        piece, labels=np.where(counted, piece.labels, 9 - piece.labels)
    )
    state = _state(engine, plan)
    one, told = engine.take(plan, state, piece)
    other, told_otherwise = engine.take(plan, state, relabelled)

    assert told == told_otherwise
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_where_nothing_is_normalised_it_is_as_if_the_row_were_not_there(engine):
    plan = _plan("Classic", dropout="0")
    counted = np.float32([[1, 1, 0, 1, 1, 1, 0, 0]])
    piece = _piece(plan, counted=counted, totals=np.float32([5]))
    without = dataclasses.replace(
        piece,
        order=dataclasses.replace(piece.order, counted=np.ones((1, 5), np.float32)),
        images=piece.images[:, counted[0] > 0],
        labels=piece.labels[:, counted[0] > 0],
    )

    np.testing.assert_allclose(
        _gradient(engine, plan, without, batch=5),
        _gradient(engine, plan, piece),
        atol=1e-6,
    )


def test_towers_together_find_the_gradient_of_the_whole_batch(engine):
    plans = [_plan("Classic", towers=towers, dropout="0") for towers in (1, 2, 4)]
    one, two, four = (_gradient(engine, plan, _piece(plan)) for plan in plans)

    assert [1, 2, 4] == [plan.towers for plan in plans]
    assert np.abs(one).max() > 0.01
    np.testing.assert_allclose(one, two, atol=1e-6)
    np.testing.assert_allclose(one, four, atol=1e-6)


def test_what_is_dropped_follows_from_seed_step_and_tower_alone(engine):
    plan = _plan("Classic", dropout="0.5")
    piece = _piece(plan)
    first = _gradient(engine, plan, piece)
    later = dataclasses.replace(
        piece, order=dataclasses.replace(piece.order, first=_TAKEN + 1)
    )

    np.testing.assert_array_equal(first, _gradient(engine, plan, piece))
    assert not np.array_equal(first, _gradient(engine, plan, later))
    assert not np.array_equal(first, _gradient(engine, plan, piece, seed=1))


def test_two_towers_drop_units_of_their_own(engine):
    plan = _plan("Classic", towers=2, dropout="0.5")
    halves = np.tile(_DATA.train.images[:4], (2, 1, 1))
    labels = np.tile(_DATA.train.labels[:4], 2)
    data = dataclasses.replace(_DATA, train=Split(halves, labels))
    rows = np.arange(8, dtype=np.int32)[None]
    both = _gradient(engine, plan, _piece(plan, data, rows=rows))
    single = _plan("Classic", dropout="0.5")
    alone = {"rows": rows[:, :4], "counted": np.ones((1, 4), np.float32)}
    piece = _piece(single, data, totals=np.float32([4]), **alone)
    one = _gradient(engine, single, piece, batch=4)

    # Were the same units dropped in both halves, both would find the same gradient.
    assert not np.allclose(one, both, atol=1e-4)


def test_steps_taken_at_once_are_those_taken_one_by_one(engine):
    data = some_data(20, 12, 12)
    plan = _plan("Fast", data=data)
    order = plan.order(0)
    state = _state(engine, plan, fresh=True)
    whole, told = engine.take(plan, state, gather(data.train, order))
    sums = np.zeros(2)
    for piece in cut(order, 1):
        state, more = engine.take(plan, state, gather(data.train, piece))
        sums += more

    assert 3 == order.steps
    np.testing.assert_allclose(told, sums, rtol=1e-5)
    for mine, theirs in zip(whole, state, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_an_image_that_is_turned_by_nothing_is_the_image(engine):
    still = np.float32([[[1, 0, 0, 0, 1, 0, 0, 0]] * 8])
    plain = _plan("Classic", dropout="0")
    turning = _plan("Classic", dropout="0", augmentation="Affine")
    expected = _gradient(engine, plain, _piece(plain))
    piece = _piece(turning, rows=_piece(plain).order.rows, moves=still)

    np.testing.assert_allclose(expected, _gradient(engine, turning, piece), atol=1e-6)


def test_an_image_that_is_moved_by_a_pixel_is_learned_from_where_it_lies(engine):
    """The transform tells where a pixel of the result is taken from."""
    moved = np.float32([[[1, 0, 1, 0, 1, 2, 0, 0]] * 8])
    turning = _plan("Classic", dropout="0", augmentation="Affine")
    piece = _piece(turning, moves=moved)
    images = np.pad(piece.images[0], ((0, 0), (0, 2), (0, 1), (0, 0)), mode="edge")
    shifted = dataclasses.replace(
        piece,
        order=dataclasses.replace(piece.order, moves=None),
        images=images[None, :, 2:, 1:],
    )

    np.testing.assert_allclose(
        _gradient(engine, turning, shifted),
        _gradient(engine, turning, piece),
        atol=1e-6,
    )
