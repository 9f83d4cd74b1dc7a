"""deploy/samples: each is admitted as it stands, and says what its comments say."""

import json
from pathlib import Path

import pytest
import yaml

from local_cluster.kube.schemas import Schema
from mnist_operator import runs
from mnist_operator.crd import build_crd
from mnist_operator.job_request import Endpoint, JobRequest
from mnist_operator.resource import parse_training
from mnist_operator.tfjob import build_tfjob
from unit.builders import IMAGE, ident, staging_id

_SAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "samples"
_SCHEMA = build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
_SERVER = Schema(_SCHEMA)


def a_sample(name):
    return yaml.safe_load((_SAMPLES / name).read_text())


def parsed(name):
    body = a_sample(name)
    body["metadata"] |= {"namespace": "team", "uid": "uid-1"}
    return parse_training(body)


def built(name):
    of = parsed(name)
    return build_tfjob(
        JobRequest(
            name=runs.job_name(of.name, staging_id()),
            namespace=of.namespace,
            training=of.name,
            uid=of.uid,
            commit=ident(1),
            staging=staging_id(),
            slot="team_mnist_0",
            attempt=1,
            spec=runs.run_spec(of, default_image=IMAGE),
            run_repo=of.spec.run_repo,
            endpoint=Endpoint("pachd:30600"),
            job=of.spec.trainer.dump_job(),
        )
    )


def asked_of(container):
    """The variables of the container that trains, its parameters read."""
    told = {each["name"]: each["value"] for each in container["env"]}
    return told | {"TRAINER_PARAMETERS": json.loads(told["TRAINER_PARAMETERS"])}


@pytest.mark.parametrize(
    "path", sorted(_SAMPLES.glob("*.yaml")), ids=lambda one: one.stem
)
def test_a_sample_is_admitted_whole(path):
    body = a_sample(path.name)

    assert (body, []) == _SERVER.prune(body)
    _SERVER.default(body)
    assert [] == _SERVER.validate(body)
    assert body["metadata"]["name"] == parsed(path.name).name


def test_samples_can_live_side_by_side():
    repos = [parsed(path.name).spec.output.repo for path in _SAMPLES.glob("*.yaml")]

    assert len(repos) == len(set(repos))


def test_the_sample_with_a_gpu_asks_for_one_on_a_node_that_has_it():
    worker = built("gpu.yaml")["spec"]["tfReplicaSpecs"]["Worker"]
    pod = worker["template"]["spec"]
    [container] = pod["containers"]

    assert "1" == container["resources"]["limits"]["nvidia.com/gpu"]
    assert {"nvidia.com/gpu.present": "true"} == pod["nodeSelector"]
    assert ["tmp", "scratch"] == [one["name"] for one in pod["volumes"]]
    assert "scratch" == container["volumeMounts"][-1]["name"]
    assert "GPU" == asked_of(container)["TRAINER_PARAMETERS"]["device"]


def test_the_sample_of_a_warm_start_begins_from_a_model_and_reads_a_folder():
    trainer = parsed("warm-start.yaml").spec.trainer
    worker = built("warm-start.yaml")["spec"]["tfReplicaSpecs"]["Worker"]
    [container] = worker["template"]["spec"]["containers"]
    told = asked_of(container)

    assert trainer.warm_start
    assert {"epochs": 1} == told["TRAINER_PARAMETERS"]
    assert "data/" == told["TRAINING_DATA"]


def test_the_sample_for_kueue_names_its_queue_on_the_tfjob_alone():
    job = built("kueue.yaml")
    template = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]

    assert "vision" == job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"]
    assert "kueue.x-k8s.io/queue-name" not in template["metadata"]["labels"]


def test_the_sample_with_workers_waits_for_as_many_pods_as_there_are():
    job = built("workers.yaml")
    specs, run_policy = job["spec"]["tfReplicaSpecs"], job["spec"]["runPolicy"]

    assert {"Chief": 1, "Worker": 3} == {k: v["replicas"] for k, v in specs.items()}
    assert (
        sum(each["replicas"] for each in specs.values())
        == (run_policy["schedulingPolicy"]["minAvailable"])
    )


def test_the_sample_with_workers_spreads_the_pods_that_it_makes():
    template = built("workers.yaml")["spec"]["tfReplicaSpecs"]["Worker"]["template"]
    [spread] = template["spec"]["topologySpreadConstraints"]

    chosen = spread["labelSelector"]["matchLabels"]
    assert chosen.items() <= template["metadata"]["labels"].items()
