"""Given the alert's name alone: runbook, kubectl and mnistctl lead to the cause."""

import pytest

from alerts.rulebook import ALERTS
from alerts.runbooks import SECTIONS, explained
from integration.oncall.scenes import LAST, LATER, SCENES
from integration.oncall.stage import TOKEN, labels
from mnist_operator.cli.dashboard.advice import advise

pytestmark = pytest.mark.asyncio(loop_scope="package")
ALL = {**SCENES, **LATER, **LAST}
each_scene = pytest.mark.parametrize("name", ALL)


def value(evidence, name, **by):
    return evidence.metrics.get((f"mnist_operator_{name}", frozenset(by.items())))


@each_scene
async def test_the_metrics_show_what_the_alert_goes_by(evidence, name):
    scene, own = ALL[name], labels(name)

    match scene.alert:
        case "TrainingStalled":
            assert 1 == value(evidence, "training_stalled", **own, reason=scene.reason)
        case "TrainingFailing":
            assert 1 <= value(evidence, "decisions_total", **own, decision="failed")
            assert 1 == value(evidence, "last_failure_info", **own, reason=scene.reason)
        case "SourceUnreachable":
            repo = {"project": "default", "repo": f"{name}-in"}
            assert 0 == value(evidence, "feed_connected", **repo)
        case "ModelWithoutLineage":
            assert 1 == value(evidence, "models_without_lineage", **own)
        case "StaleModel":
            assert 1 == value(evidence, "pending_commits", **own)
            assert 0 == value(evidence, "training_ready", **own)


@each_scene
async def test_kubectl_describe_names_the_cause(evidence, name):
    scene, told = ALL[name], evidence.described[name]

    assert scene.reason in told
    for words in scene.says:
        assert words in told


@pytest.mark.parametrize("name", [name for name in ALL if ALL[name].decided])
async def test_mnistctl_explain_names_the_cause(evidence, name):
    scene, told = ALL[name], evidence.explained[name]

    # A stop holds what comes next; what was decided has the reason of its own.
    assert (scene.reason in told) or scene.alert != "TrainingFailing"
    for words in scene.says if scene.alert == "TrainingFailing" else ():
        assert words in told


@each_scene
async def test_the_alert_names_a_command_that_was_run_here(name):
    told = ALERTS[ALL[name].alert]["annotations"]["description"]
    commands = {"kubectl describe mt", "kubectl get mt", "mnistctl verify"}

    assert any(command in told for command in commands)


@each_scene
async def test_the_runbook_has_the_remedy_for_that_reason(name):
    scene = ALL[name]
    section = SECTIONS[scene.alert]

    assert scene.reason in explained(section) or scene.reason == "UpToDate"


@each_scene
async def test_the_page_names_the_cause_and_who_must_act(evidence, name):
    scene, told = ALL[name], evidence.pages[name]

    assert scene.reason in told
    for words in scene.says:
        assert words in told
    advice = advise(scene.reason)
    # All is well with the training that has a stranger's commit.
    if advice is not None:
        assert f"Who must act: {advice.who}. " in told
        assert advice.what[1:] in told
        assert "mnistctl retrain" in told or not advice.asks_again
        assert f"docs/runbooks.md#{advice.anchor}" in told


async def test_the_strangers_commit_is_named_by_the_page_of_the_newest_model(evidence):
    told = evidence.pages["stranger"]

    assert "Does not hold" in told
    assert "newer commits that mnist-operator did not write" in told


async def test_the_strangers_commit_is_named_by_mnistctl_verify(evidence):
    assert "mnistctl verify" in SECTIONS["ModelWithoutLineage"]
    lines = [line for line in evidence.verified.splitlines() if " branch " in line]
    assert lines[0].startswith("  branch      FAILED")
    assert "pachctl create branch" in lines[-1]


async def test_no_secret_is_told_to_anybody(evidence):
    told = [*evidence.described.values(), *evidence.explained.values()]
    told += evidence.pages.values()

    assert not any("a-token-of-last-year" in each for each in told)
    assert not any(TOKEN in each for each in evidence.pages.values())
