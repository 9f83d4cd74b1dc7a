"""TRAINER_PARAMETERS: what is taken, what is refused, what silence means."""

import json
from decimal import Decimal

import pytest

from mnist_trainer.errors import ConfigError, ExitCode
from mnist_trainer.parameters import (
    Device,
    Output,
    Precision,
    derive_seed,
    read_parameters,
)
from mnist_trainer.recipes import RECIPES, Augmentation, Name

ALL = {
    "recipe": "Best",
    "epochs": 3,
    "batchSize": 32,
    "learningRate": "0.001",
    "labelSmoothing": "0.05",
    "weightDecay": "0.02",
    "dropout": "0.3",
    "augmentation": "Affine",
    "seed": 7,
    "precision": "Mixed",
    "device": "CPU",
    "deterministic": False,
    "validationPercent": 20,
    "outputs": ["Keras", "Report"],
    "width": 2,
}


def _read(**given):
    return read_parameters(json.dumps(given), seed=0)


def test_nothing_given_means_fast_with_its_own_numbers_and_the_derived_seed():
    read = read_parameters("", seed=42)
    recipe = RECIPES[Name.FAST]

    assert (Name.FAST, 42) == (read.recipe, read.seed)
    assert read.epochs is None
    assert recipe.batch_size == read.batch_size
    assert Decimal(recipe.learning_rate) == read.learning_rate
    assert Precision.FLOAT32 == read.precision
    assert Device.AUTO == read.device
    assert read.deterministic
    assert 10 == read.validation_percent
    assert {Output.REPORT, Output.LOG} == read.outputs


@pytest.mark.parametrize("name", Name)
def test_what_is_left_out_takes_the_default_of_the_recipe(name):
    recipe, read = RECIPES[name], _read(recipe=name, seed=3, epochs=2)

    assert 2 == read.epochs
    assert recipe.augmentation == read.choose_augmentation(epochs=1)
    for value, default in (
        (read.learning_rate, recipe.learning_rate),
        (read.label_smoothing, recipe.label_smoothing),
        (read.weight_decay, recipe.weight_decay),
        (read.dropout, recipe.dropout),
    ):
        assert Decimal(default) == value


def test_few_images_are_moved_by_fast_since_each_is_seen_more_than_once():
    read = _read(recipe="Fast", seed=3)

    assert 10 <= read.count_epochs(1000)
    assert Augmentation.SHIFT == read.choose_augmentation(read.count_epochs(1000))
    assert 1 == read.count_epochs(60_000)
    assert Augmentation.NONE == read.choose_augmentation(read.count_epochs(60_000))


def test_what_was_asked_for_is_done_to_few_images_too():
    read = _read(recipe="Fast", seed=3, augmentation="None")

    assert Augmentation.NONE == read.choose_augmentation(epochs=10)


def test_all_of_them_can_be_given():
    read = read_parameters(json.dumps(ALL), seed=42)

    assert (Name.BEST, 3, 32, 7) == (
        read.recipe,
        read.epochs,
        read.batch_size,
        read.seed,
    )
    assert Decimal("0.05") == read.label_smoothing
    assert Decimal("0.02") == read.weight_decay
    assert Decimal("0.3") == read.dropout
    assert Augmentation.AFFINE == read.augmentation
    assert Precision.MIXED == read.precision
    assert Device.CPU == read.device
    assert not read.deterministic
    assert 20 == read.validation_percent
    assert {Output.KERAS, Output.REPORT} == read.outputs
    assert 2 == read.width


def test_what_was_used_can_be_given_again():
    assert ALL == read_parameters(json.dumps(ALL), seed=0).describe()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"learningRate": "0.001"}', id="as-a-string"),
        pytest.param('{"learningRate": 0.001}', id="as-a-number"),
        pytest.param('{"learningRate": "1e-3"}', id="in-scientific-notation"),
    ],
)
def test_a_rate_may_be_written(text):
    assert Decimal("0.001") == read_parameters(text, seed=0).learning_rate


def test_a_whole_number_may_be_a_string_too():
    assert 3 == _read(epochs="3").epochs


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("epochs", 1, 1000),
        ("batchSize", 1, 65536),
        ("learningRate", "1e-8", 10),
        ("labelSmoothing", 0, "0.5"),
        ("weightDecay", 0, 1),
        ("dropout", 0, "0.9"),
        ("seed", 0, 2**31 - 1),
        ("validationPercent", 1, 50),
        ("width", 1, 16),
    ],
)
def test_a_number_may_be_at_its_bounds_and_not_beyond(name, low, high):
    step = Decimal("0.0001") if isinstance(high, str) else 1
    for within in (low, high):
        described = _read(**{name: within}).describe()
        assert Decimal(str(within)) == Decimal(str(described[name]))
    for beyond in (Decimal(low) - Decimal(step), Decimal(high) + Decimal(step)):
        with pytest.raises(ConfigError, match=f"{name} is .*: give a .*number from"):
            _read(**{name: str(beyond)})


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        pytest.param("{", "is not JSON", "write an object", id="broken-json"),
        pytest.param("[1]", "is [1]", "write an object", id="a-list"),
        pytest.param('{"epoch": 1}', "'epoch'", "epochs, batchSize", id="misspelt"),
        pytest.param('{"batch_size": 1}', "'batch_size'", "batchSize", id="snake"),
        pytest.param('{"epochs": 1.5}', "1.5", "a whole number", id="half-an-epoch"),
        pytest.param('{"epochs": true}', "True", "a whole number", id="a-bool"),
        pytest.param('{"epochs": null}', "None", "a whole number", id="null"),
        pytest.param('{"epochs": "two"}', "'two'", "a whole number", id="a-word"),
        pytest.param('{"epochs": [2]}', "[2]", "a whole number", id="a-list-of-one"),
        pytest.param('{"learningRate": NaN}', "nan", "a number", id="rate-of-nan"),
        pytest.param('{"learningRate": "inf"}', "'inf'", "a number", id="infinite"),
        pytest.param(
            '{"recipe": "fast"}', "'fast'", "Fast, Best, Classic", id="another-recipe"
        ),
        pytest.param('{"recipe": 3}', "'3'", "Fast, Best, Classic", id="a-number"),
        pytest.param(
            '{"recipe": ["Fast"]}', "['Fast']", "Fast", id="a-list-of-recipes"
        ),
        pytest.param(
            '{"augmentation": null}', "None", "None, Shift, Affine", id="null-for-none"
        ),
        pytest.param('{"precision": "Half"}', "'Half'", "Float32", id="a-precision"),
        pytest.param('{"device": "TPU"}', "'TPU'", "Auto, CPU, GPU", id="a-device"),
        pytest.param(
            '{"deterministic": "yes"}', "'yes'", "true or false", id="a-word-for-true"
        ),
        pytest.param('{"deterministic": 1}', "'1'", "true or false", id="one-for-true"),
        pytest.param('{"outputs": "Keras"}', "'Keras'", "a list", id="one-output"),
        pytest.param('{"outputs": ["H5"]}', "'H5'", "SavedModel", id="unknown-output"),
    ],
)
def test_a_refusal_names_what_was_found_and_the_remedy(text, found, remedy):
    with pytest.raises(ConfigError) as refused:
        read_parameters(text, seed=0)

    assert ExitCode.CONFIG == refused.value.code
    assert "TRAINER_PARAMETERS" in str(refused.value)
    assert found in str(refused.value)
    assert remedy in str(refused.value)


def test_no_outputs_at_all_may_be_asked_for():
    assert frozenset() == _read(outputs=[]).outputs


@pytest.mark.parametrize("name", ["epochs", "recipe", "outputs", "x" * 5000])
def test_a_long_value_is_cut_in_the_message(name):
    with pytest.raises(ConfigError) as refused:
        _read(**{name: "9" * 5000})

    assert len(str(refused.value)) < 400


COMMIT = "35080bc2a2504878a48f81e43117711c"


def test_the_same_commit_has_the_same_seed_in_every_form_of_its_bucket():
    assert derive_seed(f"{COMMIT}.inputrepo") == derive_seed(
        f"{COMMIT}.master.inputrepo.default"
    )


def test_another_commit_has_another_seed():
    assert derive_seed(f"{COMMIT}.master.in") != derive_seed(
        f"{COMMIT[::-1]}.master.in"
    )


def test_a_derived_seed_can_be_given_as_a_parameter():
    seed = derive_seed("master.inputrepo")

    assert seed == _read(seed=seed).seed
