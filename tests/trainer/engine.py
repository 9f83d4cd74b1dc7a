"""What computes, for tests: the fixture of this name has started TensorFlow before."""

import dataclasses
import io
import time

import keras
import numpy as np
import tensorflow as tf

from mnist_trainer import model, network, predict, steps, train
from mnist_trainer.history import History
from mnist_trainer.narrator import Narrator
from trainer.plans import a_plan

__all__ = [
    "answer",
    "build",
    "draw",
    "keras",
    "learn",
    "model",
    "network",
    "predict",
    "recognise",
    "steps",
    "take",
    "tf",
    "train",
]


def draw(planned):
    """Draw weights and statistics of which no two are equal, and none is at rest."""
    generator = np.random.default_rng(3)
    weights = network.draw_weights(planned, generator)
    statistics = network.new_statistics(planned)
    weights += generator.normal(0, 0.05, weights.shape).astype(np.float32)
    statistics += generator.uniform(0, 0.5, statistics.shape).astype(np.float32)
    return weights, statistics


def build(planned, weights, statistics, *, grey=False, **options):
    """Make the model that is saved, as a run makes it."""
    built = model.lay_out_model(planned, grey=grey, **options)
    model.fill_model(built, planned, weights, statistics)
    return built


def answer(planned, weights, statistics, images):
    """Answer as the training sees it, in plain ops, to images with channels."""
    return network.probabilities(planned, weights, statistics, images.astype("f4"))


def take(plan, state, piece, **changed):
    """Take the steps of a piece; returns the state after them, and what was told."""
    settings = dataclasses.replace(train._settings(plan), **changed)
    run = steps.compile_steps(plan.network, settings)
    after, told = run(state, piece)
    return steps.State(*map(np.asarray, after)), [float(each) for each in told]


def learn(dataset, **given) -> tuple[train.Learned, History]:
    return train.train(
        dataset,
        a_plan(dataset, **given),
        narrator=Narrator(io.StringIO()),
        seconds=time.perf_counter,
    )


def recognise(dataset, **given) -> float:
    """Train, and say how much of the test split is recognised."""
    learned, _ = learn(dataset, **given)
    answers = predict.predict(a_plan(dataset, **given), learned, dataset.test.images)
    return float(np.mean(answers.argmax(axis=1) == dataset.test.labels))
