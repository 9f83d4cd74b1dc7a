"""The three recipes: what each is for, said in figures, and what consumers rely on."""

import ast
import itertools
import re
from decimal import Decimal
from pathlib import Path

import pytest

from mnist_trainer import publish, recipes
from mnist_trainer.architecture import Dense
from mnist_trainer.recipes import RECIPES, Name
from trainer.plans import a_plan, some_data


def _docstrings():
    """By its name, the text below each constant."""
    body = ast.parse(Path(recipes.__file__).read_text()).body
    return {
        constant.target.id: text.value.value
        for constant, text in itertools.pairwise(body)
        if isinstance(constant, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


@pytest.mark.parametrize("name", Name)
def test_every_recipe_says_how_accurate_it_is(name):
    assert re.search(r"\d\d(\.\d+)? %", _docstrings()[name.upper()])


@pytest.mark.parametrize("name", Name)
def test_the_defaults_of_a_recipe_are_what_anyone_could_ask_for(name):
    recipe = RECIPES[name]
    silent = a_plan(200, recipe=name)
    spoken = a_plan(
        200,
        recipe=name,
        epochs=silent.epochs,
        batchSize=recipe.batch_size,
        learningRate=recipe.learning_rate,
        labelSmoothing=recipe.label_smoothing,
        weightDecay=recipe.weight_decay,
        dropout=recipe.dropout,
        augmentation=recipe.repeated or recipe.augmentation,
    )

    assert silent.describe() == spoken.describe()
    assert Decimal(recipe.learning_rate) == silent.parameters.learning_rate


@pytest.fixture(scope="module")
def classic(engine, tmp_path_factory):
    """The file that the recipe Classic leaves behind for MNIST, and Keras's model."""
    plan = a_plan(some_data(10, 28, 28), recipe="Classic")
    model = engine.build(
        plan.network, *engine.draw(plan.network), grey=True, dropout=0.2
    )
    layout = publish.Layout(tmp_path_factory.mktemp("classic"), "my_model.h5")
    path = layout.place(publish.write_model(layout, model, moments=True))
    return path, engine.keras.models.load_model(path)


def test_classic_is_the_model_of_the_classic_recipe():
    assert (Dense(512),) == RECIPES[Name.CLASSIC].layers
    assert "0.2" == RECIPES[Name.CLASSIC].dropout


def test_its_file_is_as_large_as_the_one_that_consumers_know(classic):
    path, _ = classic

    assert 4.7 == pytest.approx(path.stat().st_size / 2**20, abs=0.1)


def test_its_layers_are_those_that_consumers_know(classic):
    _, model = classic
    known = [
        (
            layer.__class__.__name__,
            getattr(layer, "units", getattr(layer, "rate", None)),
        )
        for layer in model.layers
        if layer.__class__.__name__ in {"Dense", "Dropout"}
    ]

    assert [("Dense", 512), ("Dropout", 0.2), ("Dense", 10)] == known
    assert (None, 28, 28) == model.input_shape
    assert (None, 10) == model.output_shape
    assert 784 * 512 + 512 + 512 * 10 + 10 == model.count_params()


def test_it_can_be_trained_further_by_keras_alone(engine, classic):
    _, model = classic
    engine.keras.utils.set_random_seed(1)
    data = some_data(10, 28, 28).train
    before, _ = model.evaluate(data.images, data.labels, verbose=0)
    # Keras restores no optimizer from HDF5 that it could go on with, of any model.
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.images, data.labels, epochs=3, verbose=0)

    assert model.evaluate(data.images, data.labels, verbose=0)[0] < before
