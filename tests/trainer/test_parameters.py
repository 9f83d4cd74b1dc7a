"""TRAINER_PARAMETERS: what is taken, what is refused, what silence means."""

from decimal import Decimal

import pytest

from mnist_trainer.errors import ConfigError, ExitCode
from mnist_trainer.parameters import Parameters, derive_seed, read_parameters


def test_nothing_given_means_the_defaults_and_the_derived_seed():
    assert Parameters(seed=42) == read_parameters("", seed=42)


def test_all_of_them_can_be_given():
    given = '{"epochs": 3, "batchSize": 64, "learningRate": "0.001", "seed": 7}'

    assert Parameters(
        epochs=3, batch_size=64, learning_rate=Decimal("0.001"), seed=7
    ) == read_parameters(given, seed=42)


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
    assert 3 == read_parameters('{"epochs": "3"}', seed=0).epochs


def test_what_was_used_can_be_given_again():
    used = read_parameters('{"learningRate": "0.10", "seed": 3}', seed=0).describe()

    assert {"epochs": 2, "batchSize": 128, "learningRate": "0.10", "seed": 3} == used


@pytest.mark.parametrize(
    ("text", "found", "remedy"),
    [
        pytest.param("{", "is not JSON", "write an object", id="broken-json"),
        pytest.param("[1]", "is [1]", "write an object", id="a-list"),
        pytest.param('{"epoch": 1}', "'epoch'", "epochs, batchSize", id="misspelt"),
        pytest.param('{"epochs": 0}', "epochs is 0", "1 to 1000", id="no-epoch"),
        pytest.param('{"epochs": 1001}', "1001", "1 to 1000", id="endless-training"),
        pytest.param('{"epochs": 1.5}', "1.5", "a whole number", id="half-an-epoch"),
        pytest.param('{"epochs": true}', "True", "a whole number", id="a-bool"),
        pytest.param('{"epochs": null}', "None", "a whole number", id="null"),
        pytest.param('{"epochs": "two"}', "'two'", "a whole number", id="a-word"),
        pytest.param('{"epochs": [2]}', "[2]", "a whole number", id="a-list-of-one"),
        pytest.param('{"batchSize": -1}', "-1", "1 to 65536", id="negative-batch"),
        pytest.param('{"learningRate": 0}', "0", "a number from", id="rate-of-zero"),
        pytest.param('{"learningRate": NaN}', "nan", "a number", id="rate-of-nan"),
        pytest.param('{"learningRate": "inf"}', "'inf'", "a number", id="infinite"),
        pytest.param('{"seed": 2147483648}', "2147483648", "0 to", id="seed-too-large"),
    ],
)
def test_a_refusal_names_what_was_found_and_the_remedy(text, found, remedy):
    with pytest.raises(ConfigError) as refused:
        read_parameters(text, seed=0)

    assert ExitCode.CONFIG == refused.value.code
    assert "TRAINER_PARAMETERS" in str(refused.value)
    assert found in str(refused.value)
    assert remedy in str(refused.value)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(ConfigError) as refused:
        read_parameters(f'{{"epochs": "{"9" * 5000}"}}', seed=0)

    assert len(str(refused.value)) < 300


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

    assert seed == read_parameters(f'{{"seed": {seed}}}', seed=0).seed
