"""What a user may add to a run's pod, and what is refused, with the remedy."""

import pytest

from mnist_operator import runs
from mnist_operator.errors import InvalidSpecError
from mnist_operator.resource import parse_training
from unit.accepted_overrides import ACCEPTED
from unit.builders import IMAGE, training
from unit.refused_overrides import REFUSED, a_pod

_META = {"namespace": "team", "name": "mnist", "uid": "uid-1"}


def parsed(trainer):
    body = {"metadata": _META, "spec": {"trainer": trainer}}
    return parse_training(body).spec.trainer


def run_of(**trainer):
    return runs.run_spec(training(trainer=trainer), default_image=IMAGE)["trainer"]


@pytest.mark.parametrize(("trainer", "field", "told", "server"), REFUSED)
def test_an_override_that_breaks_a_run_is_refused(trainer, field, told, server):
    with pytest.raises(InvalidSpecError) as caught:
        parsed(trainer)

    assert any(
        each.startswith((f"{field}: ", f"{field}."))
        and told in each
        and "(found: " in each
        for each in caught.value.message.split("; ")
    ), caught.value.message


@pytest.mark.parametrize("trainer", ACCEPTED)
def test_an_override_that_breaks_nothing_is_accepted(trainer):
    parsed(trainer)


def test_what_kubernetes_alone_knows_stays_as_it_is():
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "c", "odd": [1]}}
    template = a_pod(volumes=[volume], tolerations=[{"key": "gpu", "odd": {"a": 1.5}}])

    assert template["template"] == run_of(**template)["template"]


@pytest.mark.parametrize(
    "trainer",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"args": [], "template": {}}, id="empty"),
        pytest.param({"template": {"metadata": {}, "spec": {}}}, id="empty-inside"),
        pytest.param({"job": {"labels": {"team": "vision"}}}, id="a-label-of-the-job"),
    ],
)
def test_a_run_that_needs_no_override_is_what_it_always_was(trainer):
    expected = {"image", "imagePullPolicy", "parameters", "env", "resources"}

    assert expected == set(run_of(**trainer))
    assert runs.digest(run_of()) == runs.digest(run_of(**trainer))


@pytest.mark.parametrize(
    "trainer",
    [
        pytest.param({"args": ["--verbose"]}, id="args"),
        pytest.param({"serviceAccountName": "trainer"}, id="service-account"),
        pytest.param(a_pod(runtimeClassName="nvidia"), id="template"),
    ],
)
def test_an_override_is_part_of_what_decides_a_run(trainer):
    assert trainer.items() <= run_of(**trainer).items()
    assert runs.digest(run_of()) != runs.digest(run_of(**trainer))


def test_additions_to_the_tfjob_are_dumped_as_the_api_server_takes_them():
    job = {
        "labels": {"team": "vision"},
        "schedulingPolicy": {"minAvailable": 1, "minResources": {"cpu": "2"}},
    }

    assert job == training(trainer={"job": job}).spec.trainer.dump_job()
    assert {} == training().spec.trainer.dump_job()
