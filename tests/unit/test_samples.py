"""deploy/samples: each is admitted as it stands, and says what its comments say."""

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


def test_the_sample_for_kueue_names_its_queue_on_the_tfjob_alone():
    job = built("kueue.yaml")
    template = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]

    assert "vision" == job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"]
    assert "kueue.x-k8s.io/queue-name" not in template["metadata"]["labels"]
