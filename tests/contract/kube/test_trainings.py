"""Our own definition on an API server: what it takes, stores, and refuses, and how.

On a real one it is the shipped definition itself. That the defaults are those of
docs/resource.md is proved with the document, which is made from the same models.
"""

import json
from pathlib import Path

import pytest
import yaml

from mnist_operator.resource import Spec
from mnist_operator.status import Status
from unit.accepted_overrides import ACCEPTED
from unit.refused_overrides import REFUSED
from unit.wrong_specs import WRONG

_SAMPLES = sorted((Path(__file__).parents[3] / "deploy" / "samples").glob("*.yaml"))
_TIME = "2026-03-31T08:00:00Z"
_RICH = {
    "pachyderm": {"address": "grpc://pachd:30650", "secretRef": {"name": "token"}},
    "input": {"repo": "digits", "path": "train/mnist.npz"},
    "output": {"project": "vision", "runRepo": "attempts"},
    "trigger": {"mode": "LatestOnly", "paths": ["data/**"], "minCommits": 5},
    "trainer": {
        "parameters": {"learningRate": "5e-4", "seed": 7},
        "args": ["--augment", "--shift=$(SHIFT)"],
        "env": [{"name": "SHIFT", "value": "2"}],
        "resources": {"limits": {"cpu": 2, "memory": "4Gi"}},
        "template": {"spec": {"nodeSelector": {"disk": "ssd"}}},
        "job": {"labels": {"kueue.x-k8s.io/queue-name": "vision"}},
    },
    "attempts": {"retryableExitCodes": [42]},
    "startingDeadlineSeconds": 86400,
}
_HELD_OUT = {"heldOut": {"repo": "held_out", "branch": "master"}}
"""The least that spec.promotion says, which is off without it."""


@pytest.fixture
def ask(api, trainings):
    """Create a training, validated strictly, as `kubectl apply` asks."""

    async def ask(body, **query):
        group = trainings.split("/")[2]
        whole = {
            "apiVersion": f"{group}/v1alpha1",
            "kind": "MnistTraining",
            "metadata": {"name": "mnist"},
            **body,
        }
        return await api.post(trainings, whole, fieldValidation="Strict", **query)

    return ask


@pytest.fixture
async def rich(ask):
    """A training that says something about most of its fields."""
    made = await ask({"spec": _RICH})
    assert 201 == made.status, made.body
    return made.body


def _filled(sent, defaults):
    """What is stored of what was sent: the same, and the defaults beside it."""
    if not (isinstance(sent, dict) and isinstance(defaults, dict)):
        return sent
    below = {name: _filled(value, defaults.get(name)) for name, value in sent.items()}
    return defaults | below


async def _defaults(ask, **spec):
    plain = {"metadata": {"name": "plain"}, "spec": spec}
    return (await ask(plain, dryRun="All"))["spec"]


async def test_a_spec_that_cannot_work_is_refused_with_field_and_remedy(
    api, trainings, ask
):
    unsaid = {}
    for row in WRONG:
        body, field, told = row.values
        answer = await ask(body, dryRun="All")
        if answer.status < 400 or not {field, told} <= _words(answer["message"], row):
            unsaid[row.id] = answer.body

    assert {} == unsaid
    assert [] == (await api.get(trainings))["items"]


def _words(message, row):
    return {words for words in row.values[1:] if words in message}


async def test_a_line_break_does_not_come_back_in_a_refusal(ask):
    answer = await ask({"spec": {"input": {"repo": "digits\n* spec is fine"}}})

    told = 'spec.input.repo: Invalid value: "string": spec.input.repo must be made of'
    assert answer["message"].endswith(f"{told} letters, digits, _ and -")


async def test_a_whole_number_may_be_written_with_a_point(ask):
    made = await ask({"spec": {"attempts": {"limit": 4.0}}})

    assert "4" == json.dumps(made["spec"]["attempts"]["limit"])


async def test_a_number_beyond_64_bits_is_no_integer(ask):
    answer = await ask({"spec": {"attempts": {"limit": 10**20}}})

    first, second = (each["message"] for each in answer["details"]["causes"][:2])
    assert first.endswith(
        'spec.attempts.limit in body must be of type integer: "number"'
    )
    assert second.startswith("Invalid value: 1e+20: ")


async def test_overrides_that_break_nothing_are_admitted(ask):
    refused = {}
    for row in ACCEPTED:
        answer = await ask({"spec": {"trainer": row.values[0]}}, dryRun="All")
        if answer.status != 201:
            refused[row.id] = answer.body

    assert {} == refused


async def test_overrides_that_break_a_run_are_not_admitted(ask):
    unsaid = {}
    # The size of a template is for the models alone.
    for row in [each for each in REFUSED if "bytes" not in each.values[2]]:
        trainer, _, _, told = row.values
        answer = await ask({"spec": {"trainer": trainer}}, dryRun="All")
        if answer.status < 400 or told not in answer["message"]:
            unsaid[row.id] = answer.body

    assert {} == unsaid


async def test_every_sample_is_admitted_and_completed(api, trainings, ask):
    plain, promoting = await _defaults(ask), await _defaults(ask, promotion=_HELD_OUT)
    for path in _SAMPLES:
        sample = yaml.safe_load(path.read_text())
        defaults = promoting if "promotion" in sample["spec"] else plain
        about = {name: sample[name] for name in ("metadata", "spec")}

        made = await ask(about)

        assert 201 == made.status, (path.name, made.body)
        assert _filled(sample["spec"], defaults) == made["spec"]
    assert len(_SAMPLES) == len((await api.get(trainings))["items"])


@pytest.mark.parametrize("body", [{}, {"spec": {}}], ids=["no-spec", "an-empty-one"])
async def test_defaults_are_those_of_the_models(ask, body):
    made = await ask(body)

    stored = made["spec"]
    sparse = Spec().model_dump(by_alias=True, exclude_none=True, mode="json")
    lists = {"args", "env", "paths", "retryableExitCodes", "limits", "requests"}
    assert Spec() == Spec.model_validate(stored)
    assert _without(lists, sparse) == _without(lists, stored)


def _without(names, value):
    """A spec without lists and maps that may be left out, or empty."""
    if not isinstance(value, dict):
        return value
    return {
        name: _without(names, each) for name, each in value.items() if name not in names
    }


async def test_what_is_stored_is_what_was_sent_and_the_defaults(
    api, trainings, ask, rich
):
    defaults = await _defaults(ask)
    path = f"{trainings}/mnist"

    found = await api.get(path)
    again = await api.put(path, found.body, fieldValidation="Strict")

    assert _filled(_RICH, defaults) == rich["spec"] == found["spec"]
    assert [found["metadata"]] == [again["metadata"]]


async def test_a_field_that_does_not_exist_is_pruned_where_nobody_is_strict(
    api, trainings, rich
):
    path = f"{trainings}/mnist"
    pod = {"template": {"spec": {"tolerations": [{"kee": "gpu", "key": "gpu"}]}}}
    change = {"spec": {"epochs": 5, "trainer": pod}}

    refused = await api.patch(path, change, fieldValidation="Strict")
    patched = await api.patch(path, change, fieldValidation="Warn")

    wrong = "spec.epochs", "spec.trainer.template.spec.tolerations[0].kee"
    warned = " ".join(patched.headers.getall("Warning"))
    assert 422 == refused.status
    assert all(f'unknown field "{each}"' in refused["message"] for each in wrong)
    assert all(each in warned for each in wrong)
    assert "epochs" not in patched["spec"]
    template = patched["spec"]["trainer"]["template"]["spec"]
    assert [{"key": "gpu"}] == template["tolerations"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"input": {"repo": "other"}}, "spec.input", id="another-repo"),
        pytest.param({"input": {"path": None}}, "spec.input", id="no-path-any-more"),
        pytest.param({"output": {"branch": "b"}}, "spec.output", id="another-branch"),
        pytest.param({"output": None}, "spec.output", id="no-output-any-more"),
    ],
)
async def test_input_and_output_do_not_change(api, trainings, rich, change, field):
    answer = await api.patch(f"{trainings}/mnist", {"spec": change})

    assert 422 == answer.status
    assert f"{field} must not change: " in answer["message"]
    assert "create another MnistTraining" in answer["message"]


async def test_all_else_changes_and_counts_as_a_new_generation(api, trainings, rich):
    spec = {
        "input": _RICH["input"],
        "suspend": True,
        "trigger": {"mode": None, "minCommits": None},
        "trainer": {"image": "other:1"},
    }
    after = await api.patch(f"{trainings}/mnist", {"spec": spec})

    assert 200 == after.status, after.body
    assert "EveryCommit" == after["spec"]["trigger"]["mode"]
    assert 2 == after["metadata"]["generation"]


async def test_status_is_written_by_its_own_door_alone(api, trainings, ask):
    path, status = f"{trainings}/mnist", _a_status()
    made = await ask({"spec": {}, "status": status})
    patched = await api.patch(path, {"status": status})
    change = {"status": status, "spec": {"suspend": True}}
    told = await api.patch(f"{path}/status", change, fieldValidation="Strict")

    assert "status" not in made.body
    assert "status" not in patched.body
    assert status == told["status"] == (await api.get(path))["status"]
    assert not told["spec"]["suspend"]
    assert 1 == told["metadata"]["generation"]


async def test_a_status_that_is_none_is_refused(api, trainings, rich):
    path, status = f"{trainings}/mnist/status", _a_status()
    status["conditions"][0]["status"] = "Perhaps"

    answer = await api.patch(path, {"status": status})

    assert 422 == answer.status
    told = 'Unsupported value: "Perhaps": supported values: "True", "False", "Unknown"'
    assert f"status.conditions[0].status: {told}" in answer["message"]


def _a_status():
    """A status in which every field is there."""
    run = {"commit": "c" * 32, "attempt": 1, "tfjob": "mnist-1", "run": "r" * 32}
    condition = {"status": "True", "reason": "UpToDate", "lastTransitionTime": _TIME}
    decided = {"commit": "c" * 32, "decision": "Published", "time": _TIME}
    status = Status.model_validate(
        {
            "conditions": [
                {"type": kind, **condition}
                for kind in ("Ready", "Reconciling", "Stalled")
            ],
            "lastSuccessfulTime": _TIME,
            "queue": [{"commit": "d" * 32, "state": "Waiting"}],
            "active": [run | {"state": "Running", "since": _TIME}],
            "history": [decided],
            "promotion": {"candidateCommit": "m" * 32, "verdict": "Passed"},
        }
    )
    return status.to_json()
