"""The TFJob that is built: pinned to two commits, with no secret in it."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator import places, runs
from mnist_operator.tfjob import (
    CONTAINER,
    TRAINING_LABEL,
    Endpoint,
    JobRequest,
    build_tfjob,
)
from unit.builders import IMAGE, attempt, examples, ident, staging_id, training

_PLAIN = Endpoint("pachd.pachyderm:30600")
_SECURE = Endpoint(
    "s3.example.com", https=True, secret="pachyderm", has_ca=True, token_key="token"
)
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?")


def a_request(endpoint=_PLAIN, name="mnist", number=1, staging=None, **spec):
    of = training(name=name, **spec)
    run = staging or attempt(number).staging
    return JobRequest(
        name=runs.job_name(of.name, run),
        namespace=of.namespace,
        training=of.name,
        uid=of.uid,
        commit=ident(1),
        staging=run,
        slot=places.slot_branch(of).name,
        attempt=number,
        spec=runs.run_spec(of, default_image=IMAGE),
        run_repo=of.spec.run_repo,
        endpoint=endpoint,
    )


def worker(built):
    [(role, replica)] = built["spec"]["tfReplicaSpecs"].items()
    assert "Worker" == role
    return replica


def pod(built):
    return worker(built)["template"]["spec"]


def container(built):
    [one] = pod(built)["containers"]
    return one


def environment(built):
    variables = container(built)["env"]
    named = {each["name"]: each for each in variables}
    assert len(named) == len(variables)
    return named


def values(built):
    return {name: each.get("value") for name, each in environment(built).items()}


def test_it_reads_one_commit_and_writes_one_commit():
    env = values(build_tfjob(a_request()))

    assert f"{ident(1)}.master.inputrepo" == env["INPUT_BUCKET"]
    assert f"{staging_id()}.team_mnist_0.outputrepo_runs" == env["OUTPUT_BUCKET"]
    assert "data/mnist.npz" == env["TRAINING_DATA"]
    assert "my_model.h5" == env["MODEL_FILE"]


def test_no_variable_names_a_branch_alone():
    for value in values(build_tfjob(a_request())).values():
        assert not re.match(r"(master|team_mnist_0)\.", value)


def test_a_project_of_its_own_is_part_of_the_bucket():
    env = values(
        build_tfjob(a_request(input={"project": "a"}, output={"project": "b"}))
    )

    assert f"{ident(1)}.master.inputrepo.a" == env["INPUT_BUCKET"]
    assert f"{staging_id()}.team_mnist_0.outputrepo_runs.b" == env["OUTPUT_BUCKET"]


@examples
@given(
    st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
)
def test_names_labels_and_buckets_are_legal(name, staging):
    built = build_tfjob(a_request(name=name, staging=staging))

    for value in built["metadata"]["labels"].values():
        assert _LABEL_VALUE.fullmatch(value)
    for bucket in ("INPUT_BUCKET", "OUTPUT_BUCKET"):
        commit, branch, repo = values(built)[bucket].split(".")
        assert re.fullmatch(r"[0-9a-f]{32}", commit)
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", part) for part in (branch, repo))


def test_it_is_one_worker_that_kubernetes_never_starts_again():
    built = build_tfjob(a_request())

    assert 1 == worker(built)["replicas"]
    assert "Never" == worker(built)["restartPolicy"]
    assert {"cleanPodPolicy": "Running"} == built["spec"]["runPolicy"]
    assert CONTAINER == container(built)["name"]


def test_its_pods_can_be_found_by_the_labels_of_the_tfjob():
    built = build_tfjob(a_request(number=2))

    labels = built["metadata"]["labels"]
    assert labels == worker(built)["template"]["metadata"]["labels"]
    assert "mnist" == labels[TRAINING_LABEL]
    assert ident(1) == labels["mnist-operator.dev/input-commit"]
    assert "2" == labels["mnist-operator.dev/attempt"]


def test_it_goes_with_its_training():
    [owner] = build_tfjob(a_request())["metadata"]["ownerReferences"]

    assert owner["controller"]
    assert ("MnistTraining", "mnist", "uid-1") == (
        owner["kind"],
        owner["name"],
        owner["uid"],
    )
    assert "mnist-operator.dev/v1alpha1" == owner["apiVersion"]


def test_one_that_outlives_its_training_has_no_owner():
    built = build_tfjob(replace(a_request(), owned=False))

    assert "ownerReferences" not in built["metadata"]


def test_it_can_be_queued_and_found_by_what_the_training_adds():
    job = {
        "labels": {"kueue.x-k8s.io/queue-name": "team", TRAINING_LABEL: "other"},
        "annotations": {"note": "a, b"},
        "schedulingPolicy": {"queue": "team", "minAvailable": 1},
    }

    built = build_tfjob(replace(a_request(), job=job))

    labels = built["metadata"]["labels"]
    assert ("team", "mnist") == (
        labels["kueue.x-k8s.io/queue-name"],
        labels[TRAINING_LABEL],
    )
    assert {"note": "a, b"} == built["metadata"]["annotations"]
    assert job["schedulingPolicy"] == built["spec"]["runPolicy"]["schedulingPolicy"]
    in_pod = worker(built)["template"]["metadata"]["labels"]
    assert "kueue.x-k8s.io/queue-name" not in in_pod


def test_whether_it_is_suspended_is_left_to_whoever_queues_it():
    job = {"labels": {"kueue.x-k8s.io/queue-name": "team"}}

    built = build_tfjob(replace(a_request(), job=job))

    assert {"cleanPodPolicy": "Running"} == built["spec"]["runPolicy"]


def test_a_token_comes_from_the_secret_alone():
    built = build_tfjob(a_request(replace(_SECURE, token_key="trainer-token")))

    key = {"secretKeyRef": {"name": "pachyderm", "key": "trainer-token"}}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert {"name": name, "valueFrom": key} == environment(built)[name]


def test_without_authentication_no_token_is_asked_for():
    assert "AWS_ACCESS_KEY_ID" not in environment(build_tfjob(a_request()))


def test_a_gateway_with_tls_is_checked_with_the_ca_of_the_secret():
    built = build_tfjob(a_request(_SECURE))

    [volume] = [each for each in pod(built)["volumes"] if "secret" in each]
    [mount] = [
        each
        for each in container(built)["volumeMounts"]
        if each["name"] == volume["name"]
    ]
    env = values(built)
    assert "pachyderm" == volume["secret"]["secretName"]
    assert ["ca.crt"] == [each["key"] for each in volume["secret"]["items"]]
    assert mount["readOnly"]
    assert f"{mount['mountPath']}/ca.crt" == env["S3_CA_FILE"]
    assert ("s3.example.com", "1", "1") == (
        env["S3_ENDPOINT"],
        env["S3_USE_HTTPS"],
        env["S3_VERIFY_SSL"],
    )


def test_a_gateway_without_tls_needs_no_ca():
    built = build_tfjob(a_request())

    assert "S3_CA_FILE" not in environment(built)
    assert ["tmp"] == [each["name"] for each in pod(built)["volumes"]]
    assert "0" == values(built)["S3_USE_HTTPS"]


def test_parameters_reach_the_trainer_as_json_in_the_contracts_spelling():
    parameters = {"batchSize": 64, "learningRate": "0.02"}

    env = values(build_tfjob(a_request(trainer={"parameters": parameters})))

    assert parameters == json.loads(env["TRAINER_PARAMETERS"])


def test_a_users_variable_is_added_and_wins_where_it_is_not_reserved():
    source = {"secretKeyRef": {"name": "wandb", "key": "token"}}
    env = [
        {"name": "WANDB_TOKEN", "valueFrom": source},
        {"name": "S3_REGION", "value": "eu-central-1"},
    ]

    built = build_tfjob(a_request(trainer={"env": env}))

    assert "eu-central-1" == values(built)["S3_REGION"]
    taken = environment(built)["WANDB_TOKEN"]["valueFrom"]
    assert "wandb" == taken["secretKeyRef"]["name"]
    assert {"secretKeyRef"} == set(taken)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param(
            {"limits": {"memory": "4Gi"}},
            {"limits": {"memory": "4Gi"}},
            id="limits-alone",
        ),
    ],
)
def test_resources_are_those_of_the_spec(wanted, expected):
    built = build_tfjob(a_request(trainer={"resources": wanted}))

    assert expected == container(built)["resources"]


def test_image_and_pull_policy_are_those_of_the_spec():
    trainer = {"image": "mine@sha256:00", "imagePullPolicy": "Always"}

    one = container(build_tfjob(a_request(trainer=trainer)))

    assert ("mine@sha256:00", "Always") == (one["image"], one["imagePullPolicy"])
    assert IMAGE == container(build_tfjob(a_request()))["image"]


def test_the_pod_has_no_more_rights_than_it_needs():
    built = build_tfjob(a_request(_SECURE))

    assert not pod(built)["automountServiceAccountToken"]
    assert pod(built)["securityContext"]["runAsNonRoot"]
    assert not container(built)["securityContext"]["allowPrivilegeEscalation"]
    assert ["ALL"] == container(built)["securityContext"]["capabilities"]["drop"]
