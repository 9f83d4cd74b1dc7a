"""The flags of a person at a terminal: places, tasks, and one for each parameter."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from mnist_trainer.config import Earlier, read_config
from mnist_trainer.errors import ConfigError
from mnist_trainer.parameters import Output, read_parameters
from mnist_trainer.recipes import Name
from mnist_trainer.terminal import Folders, Task

LOCAL = ("--data", "some/mnist.npz", "--output", "out")


def _read(*arguments, **environment):
    return read_config((*LOCAL, *arguments), environment)


def test_a_person_at_a_terminal_needs_no_server():
    config = _read()

    assert Folders(Path("some"), Path("out")) == config.place
    assert "mnist.npz" == config.training_data
    assert Task.TRAIN == config.task


def test_data_may_be_a_folder(tmp_path):
    config = read_config(["--data", str(tmp_path), "--output", "out"], {})

    assert Folders(tmp_path, Path("out")) == config.place
    assert "/" == config.training_data


@pytest.mark.parametrize(
    ("flag", "value", "name", "understood"),
    [
        ("--recipe", "Best", "recipe", Name.BEST),
        ("--epochs", "3", "epochs", 3),
        ("--batch-size", "32", "batch_size", 32),
        ("--learning-rate", "0.01", "learning_rate", Decimal("0.01")),
        ("--label-smoothing", "0.2", "label_smoothing", Decimal("0.2")),
        ("--weight-decay", "0.1", "weight_decay", Decimal("0.1")),
        ("--dropout", "0.5", "dropout", Decimal("0.5")),
        ("--augmentation", "Affine", "augmentation", "Affine"),
        ("--seed", "7", "seed", 7),
        ("--precision", "Mixed", "precision", "Mixed"),
        ("--device", "CPU", "device", "CPU"),
        ("--deterministic", "false", "deterministic", False),
        ("--validation-percent", "20", "validation_percent", 20),
        ("--outputs", "Keras, Log", "outputs", {Output.KERAS, Output.LOG}),
        ("--outputs", "", "outputs", frozenset()),
    ],
)
def test_each_parameter_has_a_flag(flag, value, name, understood):
    assert understood == getattr(_read(flag, value).parameters, name)


def test_no_parameter_is_without_a_flag(capsys):
    with pytest.raises(SystemExit) as ended:
        _read("--help")

    flags = set(re.findall(r"^  --([a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    names = read_parameters("", seed=0).describe().keys() | {"epochs"}

    assert 0 == ended.value.code
    assert set() == {re.sub("[A-Z]", _dashed, name) for name in names} - flags


def _dashed(found):
    return f"-{found[0].lower()}"


def test_a_flag_wins_over_the_object_and_leaves_the_rest_of_it():
    given = '{"epochs": 2, "learningRate": 0.003}'
    parameters = _read("--epochs", "3", TRAINER_PARAMETERS=given).parameters

    assert 3 == parameters.epochs
    assert Decimal("0.003") == parameters.learning_rate


def test_the_recipe_of_a_flag_brings_its_own_defaults():
    parameters = _read("--recipe", "Classic").parameters

    assert Decimal("0.2") == parameters.dropout
    assert 128 == parameters.batch_size


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--epochs", "0"], "--epochs is '0': give a whole number from 1 to 1000"),
        (["--batch-size", "many"], "--batch-size is 'many': give a whole number"),
        (["--recipe", "Slow"], "--recipe is 'Slow': take one of Fast, Best, Classic"),
        (["--deterministic", "no"], "--deterministic is 'no': give true or false"),
        (["--outputs", "PDF"], "--outputs is 'PDF': take one of Keras"),
        (["-p", '{"epochs": 0}'], "TRAINER_PARAMETERS: epochs is 0"),
        (["-p", "{", "--epochs", "1"], "TRAINER_PARAMETERS is not JSON"),
        (["-p", "[]", "--epochs", "1"], "TRAINER_PARAMETERS is []"),
        (["-p", '{"epoch": 1}', "--epochs", "1"], "no parameter 'epoch'"),
        (["--epoch", "1"], "unrecognized arguments: --epoch 1: see python -m"),
        (["--warm-start"], "--warm-start: expected one argument"),
        (["--resume", "--dry-run"], "not allowed with argument --resume"),
        (["--evaluate", "m.h5", "--resume"], "not allowed with argument --evaluate"),
    ],
)
def test_a_refusal_names_the_flag_and_the_remedy(arguments, told):
    with pytest.raises(ConfigError) as refused:
        _read(*arguments)

    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "mnist.npz"], "--output is missing"),
        (["--output", "out"], "--data is missing"),
        (["--data", "no-such-folder", "--output", "out"], "ends in .npz, or a folder"),
        (["--output", "out", "--evaluate", "m.h5"], "--data is missing"),
    ],
)
def test_places_that_make_no_sense_are_refused(arguments, told):
    with pytest.raises(ConfigError) as refused:
        read_config(arguments, {})

    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "task"),
    [
        (["--evaluate", "model.h5"], Task.EVALUATE),
        (["--dry-run"], Task.REHEARSE),
    ],
)
def test_what_writes_nothing_needs_no_output(arguments, task):
    config = read_config(["--data", "mnist.npz", *arguments], {})

    assert task == config.task
    assert Folders(Path(), None) == config.place


def test_the_model_to_evaluate_and_the_one_to_begin_from_are_files():
    config = _read("--evaluate", "old/model.keras", "--warm-start", "old/model.h5")

    assert Path("old/model.keras") == config.evaluated
    assert Earlier("", "old/model.h5") == config.earlier


def test_going_on_takes_a_folder():
    assert _read("--resume").resume
    with pytest.raises(ConfigError, match="a run on buckets begins anew"):
        read_config(["--resume"], {"S3_ENDPOINT": "pachd:600"})
