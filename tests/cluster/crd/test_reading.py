"""What kubectl tells of trainings on a real API server, with nobody training."""

import pytest
import yaml

from integration.definition import definition
from integration.world import ROOT

_TREE = definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
_COMMIT, _MODEL = "c" * 32, "d" * 32
_TIME = "2026-03-31T08:00:00Z"
_READY = {
    "type": "Ready",
    "status": "True",
    "reason": "UpToDate",
    "message": "All is trained.",
    # Of an older generation it would be no answer, and `kubectl wait` would go on.
    "observedGeneration": 1,
    "lastTransitionTime": _TIME,
}
_STATUS = {
    "conditions": [_READY],
    "lastTrainedCommit": _COMMIT,
    "lastModelCommit": _MODEL,
    "lastAccuracy": "0.9912",
    "pendingCommits": 0,
    "lastSuccessfulTime": _TIME,
}


def _told(page):
    """What a page of `kubectl explain` says of each field."""
    lines = page[page.index("FIELDS:") :].splitlines()[1:]
    told, name = {}, ""
    for line in lines:
        if line.startswith("  ") and not line.startswith("   ") and "<" in line:
            name = line.split()[0]
            told[name] = ""
        elif line.strip() and not line.strip().startswith("enum: "):
            told[name] += line.strip()
    return told


@pytest.mark.parametrize("part", ["spec", "status", "spec.trigger", "spec.trainer"])
def test_explain_describes_every_field(kubectl, part):
    fields = _TREE
    for name in part.split("."):
        fields = fields["properties"][name]

    told = _told(kubectl(f"explain mt.{part}"))

    assert set(fields["properties"]) == set(told)
    assert [] == [name for name in told if told[name] in {"", "<no description>"}]


def test_explain_lists_the_choices_of_a_field(kubectl):
    page = kubectl("explain mt.spec.trigger.mode")

    assert "FIELD: mode <string>" in page
    assert "EveryCommit" in page[page.index("ENUM:") : page.index("DESCRIPTION:")]
    assert "LatestOnly: the newest finished one" in " ".join(page.split())


@pytest.mark.parametrize(
    "name",
    ["mt", "mnisttraining", "mnisttrainings.mnist-operator.dev", "mnist", "mt,tfjobs"],
)
def test_get_knows_all_names_of_a_training(kubectl, name):
    kubectl.apply()

    found = kubectl(f"get {name} -o name")

    assert "mnisttraining.mnist-operator.dev/mnist\n" == found


def test_get_shows_what_was_trained_with_what_result(kubectl):
    kubectl.apply()
    kubectl.say(**_STATUS)

    plain = kubectl("get mt").splitlines()
    wide = kubectl("get mt -o wide").splitlines()

    head = "NAME READY INPUT MODEL ACCURACY PENDING LAST SUCCESS"
    assert f"{head} AGE".split() == plain[0].split()
    assert ["mnist", "True", _COMMIT, _MODEL, "0.9912", "0"] == plain[1].split()[:6]
    assert f"{head} REASON SUSPEND AGE".split() == wide[0].split()
    assert ["UpToDate", "false"] == wide[1].split()[7:9]


def test_get_shows_a_new_training_without_a_status(kubectl):
    kubectl.apply(suspend=True)

    head, line = kubectl("get mt -o wide").splitlines()

    assert "true" == line[head.index("SUSPEND") :].split()[0]


def test_describe_shows_spec_and_status(kubectl):
    kubectl.apply(trigger={"mode": "LatestOnly"})
    kubectl.say(**_STATUS)

    page = " ".join(kubectl("describe mt mnist").split())

    assert "Mode: LatestOnly" in page
    assert "Message: All is trained. Observed Generation: 1 Reason: UpToDate" in page
    assert f"Last Model Commit: {_MODEL}" in page


async def test_wait_ends_when_a_training_is_ready(kubectl):
    kubectl.apply()
    waiting = kubectl.meanwhile("wait --for=condition=Ready mt/mnist --timeout=60s")
    kubectl.say(**_STATUS)

    assert "mnisttraining.mnist-operator.dev/mnist condition met\n" == await waiting


def test_a_run_is_requested_with_an_annotation(kubectl):
    kubectl.apply()

    kubectl("annotate mt mnist mnist-operator.dev/requested-at=now")

    about = kubectl.read()["metadata"]
    assert "now" == about["annotations"]["mnist-operator.dev/requested-at"]
    assert 1 == about["generation"]


def test_a_training_is_suspended_with_a_patch(kubectl):
    kubectl.apply()

    kubectl("patch mt mnist --type=merge -p", '{"spec":{"suspend":true}}')

    after = kubectl.read()
    assert after["spec"]["suspend"]
    assert 2 == after["metadata"]["generation"]


def test_a_manifest_applied_again_changes_nothing_and_an_edit_one_field(kubectl):
    said = [kubectl.apply(attempts={"limit": limit}) for limit in (2, 2, 4)]

    name = "mnisttraining.mnist-operator.dev/mnist"
    assert [f"{name} {how}\n" for how in ("created", "unchanged", "configured")] == said
    assert 4 == kubectl.read()["spec"]["attempts"]["limit"]


def test_a_sample_with_a_wrong_value_says_why_and_is_mended(kubectl, refused):
    sample = (ROOT / "deploy" / "samples" / "latest-only.yaml").read_text()
    wrong = yaml.safe_load(sample)
    wrong["spec"]["trigger"] |= {"mode": "latest", "debounceSeconds": "10m"}
    wrong["spec"]["output"]["repo"] = "team/models"

    first = refused(yaml.safe_dump(wrong))
    wrong["spec"]["trigger"] |= {"mode": "LatestOnly", "debounceSeconds": 600}
    second = refused(yaml.safe_dump(wrong))
    applied = kubectl("apply -f -", given=sample)

    assert '* spec.trigger.mode: Unsupported value: "latest": supported val' in first
    assert "* spec.trigger.debounceSeconds: Invalid value" in first
    assert (
        "spec.output.repo must be made of letters, digits, _ and -, and not"
        ' "team/models"'
    ) in second
    assert applied.endswith("mnist-latest created\n")


def test_a_field_that_does_not_exist_is_named(refused):
    sample = yaml.safe_load((ROOT / "deploy" / "samples" / "mnist.yaml").read_text())
    sample["spec"] = {"epochs": 5}

    assert 'unknown field "spec.epochs"' in refused(yaml.safe_dump(sample))
