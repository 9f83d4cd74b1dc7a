"""The resource: what is filled in, what is refused, and what the refusal says."""

import pytest

from mnist_operator.errors import InvalidSpecError
from mnist_operator.resource import Spec, bare_training, parse_training
from mnist_operator.trainer_spec import RESERVED_ENV
from unit.builders import ident, training

_LONG = "x" * 64


def a_body(spec=None, **meta):
    named = {"namespace": "team", "name": "mnist", "uid": "uid-1", "generation": 4}
    return {"metadata": named | meta, "spec": spec, "status": {"head": ident(1)}}


def test_an_empty_spec_is_the_classic_recipe():
    spec = parse_training(a_body({})).spec

    assert "default/inputrepo@master:data/mnist.npz" == (
        f"{spec.input.project}/{spec.input.repo}@{spec.input.branch}:{spec.input.path}"
    )
    assert "default/outputrepo@master:my_model.h5" == (
        f"{spec.output.project}/{spec.output.repo}"
        f"@{spec.output.branch}:{spec.output.path}"
    )
    assert "outputrepo_runs" == spec.run_repo
    assert "Latest" == spec.trigger.start_from
    assert not spec.suspend


@pytest.mark.parametrize("spec", [None, {}], ids=["no-spec", "an-empty-one"])
def test_a_spec_that_is_left_out_is_an_empty_one(spec):
    assert Spec() == parse_training(a_body(spec)).spec


def test_identity_generation_and_status_are_taken_from_the_body():
    read = parse_training(a_body({"suspend": True}))

    assert ("team", "mnist", "uid-1", 4) == (
        read.namespace,
        read.name,
        read.uid,
        read.generation,
    )
    assert "team/mnist" == read.key
    assert {"head": ident(1)} == read.status
    assert read.spec.suspend


def test_a_body_that_was_never_seen_has_no_generation_and_no_status():
    meta = {"namespace": "team", "name": "mnist", "uid": "uid-1"}

    read = parse_training({"metadata": meta})

    assert 0 == read.generation
    assert {} == read.status


def test_the_run_repo_can_be_named():
    assert "attempts" == training(output={"runRepo": "attempts"}).spec.run_repo


def test_a_quantity_may_be_a_number_as_in_a_pod():
    read = training(trainer={"resources": {"limits": {"cpu": 2, "memory": "4Gi"}}})

    assert {"cpu": "2", "memory": "4Gi"} == read.spec.trainer.resources.limits


def test_a_spec_that_cannot_be_read_still_tells_whose_it_is():
    read = bare_training(a_body({"nonsense": 1}))

    assert ("team/mnist", "uid-1", 4) == (read.key, read.uid, read.generation)
    assert Spec() == read.spec


_wrong = pytest.mark.parametrize(
    ("spec", "field", "value", "remedy"),
    [
        pytest.param(
            {"epochs": 3},
            "spec.epochs",
            "3",
            "Extra inputs are not permitted",
            id="a-field-that-does-not-exist",
        ),
        pytest.param(
            {"trainer": {"parameters": {"epoch": 3}}},
            "spec.trainer.parameters.epoch",
            "3",
            "Extra inputs are not permitted",
            id="a-misspelt-field-deep-inside",
        ),
        pytest.param(
            {"input": {"repo": "in.put"}},
            "spec.input.repo",
            "'in.put'",
            "match pattern",
            id="a-repo-with-a-dot",
        ),
        pytest.param(
            {"input": {"branch": ""}},
            "spec.input.branch",
            "''",
            "at least 1 character",
            id="an-empty-branch",
        ),
        pytest.param(
            {"output": {"repo": _LONG}},
            "spec.output.repo",
            "'xxx",
            "at most 63 characters",
            id="a-repo-with-64-characters",
        ),
        pytest.param(
            {"input": {"path": "/data/mnist.npz"}},
            "spec.input.path",
            "'/data/mnist.npz'",
            "match pattern",
            id="an-absolute-path",
        ),
        pytest.param(
            {"output": {"path": "../my_model.h5"}},
            "spec.output.path",
            "'../my_model.h5'",
            "match pattern",
            id="a-path-out-of-the-commit",
        ),
        pytest.param(
            {"output": {"path": "modèle.h5"}},
            "spec.output.path",
            "'modèle.h5'",
            "match pattern",
            id="a-path-that-the-gateway-refuses",
        ),
        pytest.param(
            {"trigger": {"startFrom": "Newest"}},
            "spec.trigger.startFrom",
            "'Newest'",
            "Latest|Next|Earliest",
            id="a-starting-point-that-is-none",
        ),
        pytest.param(
            {"trainer": {"imagePullPolicy": "Sometimes"}},
            "spec.trainer.imagePullPolicy",
            "'Sometimes'",
            "'Always', 'IfNotPresent' or 'Never'",
            id="an-unknown-pull-policy",
        ),
        pytest.param(
            {"trainer": {"parameters": {"epochs": 0}}},
            "spec.trainer.parameters.epochs",
            "0",
            "greater than or equal to 1",
            id="no-epochs",
        ),
        pytest.param(
            {"trainer": {"parameters": {"learningRate": 0.02}}},
            "spec.trainer.parameters.learningRate",
            "0.02",
            "valid string",
            id="a-float-for-the-learning-rate",
        ),
        pytest.param(
            {"trainer": {"parameters": {"epochs": 2.5}}},
            "spec.trainer.parameters.epochs",
            "2.5",
            "valid integer",
            id="half-an-epoch",
        ),
        pytest.param(
            {"trainer": {"parameters": {"learningRate": "fast"}}},
            "spec.trainer.parameters.learningRate",
            "'fast'",
            "match pattern",
            id="a-learning-rate-in-words",
        ),
        pytest.param(
            {"trainer": {"resources": {"limits": {"cpu": "two"}}}},
            "spec.trainer.resources.limits.cpu",
            "'two'",
            "match pattern",
            id="a-quantity-in-words",
        ),
        pytest.param(
            {"trainer": {"resources": {"limits": {"cpu": True}}}},
            "spec.trainer.resources.limits.cpu",
            "True",
            "valid string",
            id="a-quantity-that-is-a-yes",
        ),
        pytest.param(
            {"trainer": {"env": [{"name": "A"}, {"name": "2B", "value": "1"}]}},
            "spec.trainer.env.1.name",
            "'2B'",
            "match pattern",
            id="the-second-variable-is-misnamed",
        ),
        pytest.param(
            {"attempts": {"limit": 21}},
            "spec.attempts.limit",
            "21",
            "less than or equal to 20",
            id="too-many-attempts",
        ),
        pytest.param(
            {"attempts": {"retryableExitCodes": [1, 256]}},
            "spec.attempts.retryableExitCodes.1",
            "256",
            "less than or equal to 255",
            id="an-exit-code-that-no-process-has",
        ),
        pytest.param(
            {"activeDeadlineSeconds": "soon"},
            "spec.activeDeadlineSeconds",
            "'soon'",
            "valid integer",
            id="a-deadline-in-words",
        ),
        pytest.param(
            {"startupDeadlineSeconds": 0},
            "spec.startupDeadlineSeconds",
            "0",
            "greater than or equal to 1",
            id="a-start-without-time",
        ),
        pytest.param(
            {"pachyderm": {"secretRef": {}}},
            "spec.pachyderm.secretRef.name",
            "{}",
            "Field required",
            id="a-secret-without-a-name",
        ),
    ],
)


@_wrong
def test_a_wrong_field_is_named_with_its_value_and_what_is_allowed(
    spec, field, value, remedy
):
    with pytest.raises(InvalidSpecError) as caught:
        parse_training(a_body(spec))

    assert caught.value.message.startswith(f"{field}: ")
    assert f"(found: {value}" in caught.value.message
    assert remedy in caught.value.message


def test_every_wrong_field_is_named_at_once():
    spec = {"suspend": "perhaps", "attempts": {"limit": 0}}

    with pytest.raises(InvalidSpecError, match=r"spec\.suspend.*; spec\.attempts"):
        parse_training(a_body(spec))


def test_a_big_wrong_value_does_not_drown_the_message():
    with pytest.raises(InvalidSpecError) as caught:
        parse_training(a_body({"trainer": {"image": "x" * 100_000}}))

    assert len(caught.value.message) < 300


@pytest.mark.parametrize("name", sorted(RESERVED_ENV))
def test_variables_that_decide_what_is_read_and_written_are_not_for_users(name):
    spec = {"trainer": {"env": [{"name": name, "value": "mine"}]}}

    with pytest.raises(InvalidSpecError, match=r"spec\.trainer\.env\.0\.name.*itself"):
        parse_training(a_body(spec))


def test_a_users_own_variables_may_come_from_a_secret_or_a_config_map():
    source = {"secretKeyRef": {"name": "wandb", "key": "token"}}
    spec = {"trainer": {"env": [{"name": "WANDB_TOKEN", "valueFrom": source}]}}

    [variable] = parse_training(a_body(spec)).spec.trainer.env

    assert "wandb" == variable.value_from.secret_key_ref.name
    assert not variable.value_from.secret_key_ref.optional
