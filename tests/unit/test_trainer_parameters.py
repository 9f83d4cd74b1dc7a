"""What a MnistTraining may say to its trainer, and how it arrives there.

Every bound is tried on both sides: on the models, and on the rules that the API server
has. A spec that uses nothing new is the spec that it always was.
"""

import copy
import json

import pytest
from pydantic import ValidationError

from local_cluster.kube.schemas import Schema
from mnist_operator import runs
from mnist_operator.crd import build_crd
from mnist_operator.resource import Spec
from unit.builders import IMAGE, spec_digest, training

_SERVER = Schema(build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
_ALL = {
    "recipe": "Best",
    "epochs": 6,
    "batchSize": 256,
    "learningRate": "0.01",
    "labelSmoothing": "0.1",
    "weightDecay": "5e-4",
    "dropout": "0.2",
    "augmentation": "Affine",
    "precision": "Mixed",
    "device": "GPU",
    "deterministic": False,
    "validationPercent": 20,
    "width": 2,
    "seed": 7,
    "outputs": ["Keras", "SavedModel"],
}


def asked(**trainer):
    """The trainer's part of what a run is asked to do."""
    return runs.run_spec(training(trainer=trainer), default_image=IMAGE)["trainer"]


def complaints(spec):
    """What the API server has against a spec."""
    body = {"metadata": {"name": "mnist"}, "spec": copy.deepcopy(spec)}
    _SERVER.default(body)
    return _SERVER.validate(body)


def is_taken_by_both(**parameters):
    """Whether models and API server take them: these two always agree."""
    spec = {"trainer": {"parameters": parameters}}
    try:
        Spec.model_validate(spec)
    except ValidationError:
        assert [] != complaints(spec)
        return False
    assert [] == complaints(spec)
    return True


@pytest.mark.parametrize(
    ("trainer", "expected"),
    [
        pytest.param(
            {},
            "70077e625cfe32f481ea0804802e2185fa7c787846464d06e9d93efaafff2426",
            id="nothing",
        ),
        pytest.param(
            {
                "image": "i",
                "parameters": {
                    "epochs": 3,
                    "batchSize": 64,
                    "learningRate": "0.01",
                    "seed": 7,
                },
                "args": ["--verbose"],
                "env": [{"name": "A", "value": "1"}],
                "resources": {"limits": {"cpu": 2}},
            },
            "7e16a3a68e5e7f17eac4625bed12cd4de2d5e974f01088698c3d2d39ec3154d3",
            id="all-that-there-was-in-the-first-release",
        ),
    ],
)
def test_a_spec_without_anything_new_keeps_its_digest(trainer, expected):
    """Another one would train the newest commit of every RetrainLatest once more."""
    assert expected == spec_digest(trainer=trainer)


def test_what_is_left_out_is_left_to_the_recipe():
    assert {} == asked()["parameters"]


def test_all_that_is_said_reaches_the_trainer_as_it_was_said():
    assert _ALL == asked(parameters=_ALL)["parameters"]
    assert json.loads(json.dumps(_ALL)) == _ALL


def test_no_further_outputs_is_not_the_same_as_nothing_said():
    assert {"outputs": []} == asked(parameters={"outputs": []})["parameters"]


def test_a_warm_start_is_part_of_what_a_run_is_asked():
    assert {"warmStart": True} == {
        key: value
        for key, value in asked(warmStart=True).items()
        if key not in asked(warmStart=False)
    }
    assert asked() == asked(warmStart=False)


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("recipe", ["Fast", "Best", "Classic"], ["fast", "", "None"]),
        (
            "labelSmoothing",
            ["0", "0.0", ".1", "0.49999", "0.5", "0.50"],
            ["0.51", "0.500001", "1", "-0.1", ".", "0.", "1e-1", ""],
        ),
        (
            "weightDecay",
            ["0", "0.0005", ".5", "1", "1.00", "5e-4", "1.5E-03", "9.9e-1"],
            ["1.01", "2", "1e1", "5e4", "1e-0", "9.9e-00", "-1", "12e-3", "x", ""],
        ),
        (
            "dropout",
            ["0", "0.2", ".5", "0.89", "0.9", "0.900"],
            ["0.91", "0.9001", "1", "1.0", "-0.5", "50%", ""],
        ),
        ("augmentation", ["None", "Shift", "Affine"], ["none", "Flip"]),
        ("precision", ["Float32", "Mixed"], ["Float16", "float32"]),
        ("device", ["Auto", "CPU", "GPU"], ["auto", "TPU"]),
        ("deterministic", [True, False], ["maybe", 2]),
        ("validationPercent", [1, 10, 50], [0, 51, -1, 0.5]),
        ("width", [1, 4, 16], [0, 17, -1, 1.5]),
        (
            "outputs",
            [[], ["Log"], ["Keras", "SavedModel", "Report", "Log", "TensorBoard"]],
            [["Model"], ["Log", "Log"], "Log"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_models_and_api_server_draw_the_same_bounds(name, taken, refused):
    assert [] == [each for each in taken if not is_taken_by_both(**{name: each})]
    assert [] == [each for each in refused if is_taken_by_both(**{name: each})]


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("data/mnist.npz", True),
        ("data", True),
        ("data/", True),
        ("data/2026/", True),
        ("/", False),
        ("/data/", False),
        ("data//", False),
        ("data/../other/", False),
        ("./", False),
    ],
)
def test_the_data_may_be_a_file_or_a_folder(path, taken):
    assert taken is (complaints({"input": {"path": path}}) == [])
    if taken:
        assert path == training(input={"path": path}).spec.input.path
    else:
        with pytest.raises(ValidationError, match="should match pattern"):
            training(input={"path": path})
