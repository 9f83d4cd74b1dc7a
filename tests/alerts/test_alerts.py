"""Each alert on made-up metrics, by promtool: it fires, it does not, it is over."""

import re

import pytest

from alerts.rulebook import ALERTS, ROOT, check_rules, render, verdict
from alerts.stories import (
    INVALID,
    MNIST,
    REPO,
    STORIES,
    R,
    T,
    metric,
    stalled,
    waiting,
)

CHART = "deploy/helm/mnist-operator/files"
COMPONENTS = "deploy/kustomize/components"


def test_promtool_finds_nothing_wrong_with_the_rules(tmp_path):
    assert "" == check_rules(tmp_path)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_an_alert_in_the_story_of(story, tmp_path):
    told = verdict(tmp_path, story.alert, story.series, story.every, firing=story.fires)

    assert "" == told


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_a_story_in_which_it_fires_and_one_in_which_it_does_not(alert):
    told = [story.fires for story in STORIES.values() if story.alert == alert]

    assert any(any(fires.values()) for fires in told)
    assert any(not any(fires.values()) for fires in told)


# --- what it says ---------------------------------------------------------------------

WHY = re.search(r"{{ with query .*?{{ end }}", str(ALERTS["TrainingFailing"]))[0]
MEDIAN = re.search(r"{{ with query .*?{{ end }}", str(ALERTS["AccuracyDropped"]))[0]
SAID = {
    "TrainingStalled": (stalled("1x30"), INVALID, {}, "12m"),
    "TrainingFailing": (
        STORIES["three-failures-in-a-row"].series
        | {metric("last_failure_info", f'{T}, reason="InvalidData"'): "1x540"},
        MNIST,
        {
            '{{ printf "%.0f" $value }}': "3",
            WHY: "; the last one with reason InvalidData",
        },
        "5h",
    ),
    "SourceUnreachable": (
        {metric("feed_connected", R): "0x30"},
        REPO,
        {},
        "12m",
    ),
    "ModelWithoutLineage": (
        {metric("models_without_lineage"): "2x60"},
        MNIST,
        {"{{ $value }}": "2"},
        "20m",
    ),
    "AccuracyDropped": (
        {metric("model_accuracy_ratio"): "0.990x300 0.970x60"},
        MNIST,
        {"{{ $value | humanizePercentage }}": "97%", MEDIAN: "99%"},
        "5h20m",
    ),
    "StaleModel": (
        waiting("0+60"),
        MNIST,
        {"{{ $value | humanizeDuration }}": "6h 20m 0s"},
        "6h20m",
    ),
    "OperatorDown": (
        {},
        {},
        {
            "{{ with $labels.instance }} at {{ . }}{{ end }}": "",
            "{{ with $labels.instance }}the mnist-operator at {{ . }}{{ else }}any"
            " mnist-operator{{ end }}": "any mnist-operator",
        },
        "8m",
    ),
}
"""For each alert: series, labels, what its templates become, and when."""


OTHER = T.replace('"mnist"', '"another"')


def filled(alert, labels, words):
    """Its texts, once its templates have become these words."""
    texts = ALERTS[alert]["annotations"].items()
    return {name: render(text, labels, words) for name, text in texts}


def expected(alert, labels, texts, at):
    """What promtool is to find at that time: this alert alone, with these texts."""
    fires = {"exp_labels": labels | ALERTS[alert]["labels"], "exp_annotations": texts}
    return {"eval_time": at, "alertname": alert, "exp_alerts": [fires]}


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_which_training_and_what_to_do_first(alert, tmp_path):
    series, labels, words, at = SAID[alert]
    texts = filled(alert, labels, words)

    told = expected(alert, labels, texts, at)

    assert "" == verdict(tmp_path, alert, series, told=[told])
    assert all("{{" not in text for text in texts.values())
    assert all(value in texts["description"] for value in labels.values())
    assert "First see " in texts["description"] or "First read " in texts["description"]


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        ("TrainingStalled", "which says what is wrong and who must act: kubectl"),
        ("TrainingFailing", "failed, more than became models. A model that was"),
        ("TrainingFailing", "A model that was published before stays in use."),
        ("TrainingFailing", "A commit that failed is not trained again by itself"),
        ("TrainingFailing", "mnistctl retrain team/mnist."),
        ("ModelWithoutLineage", "kubectl get mt mnist --namespace team --output json"),
        ("AccuracyDropped", "0.1 percentage points; with 400, 0.5."),
    ],
)
def test_an_alert_promises_no_more_than_it_knows_and_says_what_comes_next(alert, words):
    told = ALERTS[alert]["annotations"]["description"]

    assert words in render(told, INVALID, {WHY: ""})


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({}, id="no-operator-exports-it-yet"),
        pytest.param(
            {metric("last_failure_info", f'{OTHER}, reason="PodLost"'): "1x540"},
            id="another-training-has-one",
        ),
    ],
)
def test_failures_whose_reason_is_not_known_fire_all_the_same(others, tmp_path):
    _, labels, words, at = SAID["TrainingFailing"]
    failing = STORIES["three-failures-in-a-row"].series | others
    texts = filled("TrainingFailing", labels, words | {WHY: ""})

    told = expected("TrainingFailing", labels, texts, at)

    assert "" == verdict(tmp_path, "TrainingFailing", failing, told=[told])
    assert "more than became models. A model" in texts["description"]


def test_another_reason_of_the_newest_failure_is_still_the_same_alert(tmp_path):
    """No gap in which nobody is told, and no second alert."""
    reasons = {
        metric("last_failure_info", f'{T}, reason="PodLost"'): "1x60 stale",
        metric("last_failure_info", f'{T}, reason="Other"'): "_x60 1x300",
    }
    series = STORIES["three-failures-in-a-row"].series | reasons
    firing = {at: [MNIST] for at in ("58m", "61m", "63m", "2h")}

    assert "" == verdict(tmp_path, "TrainingFailing", series, firing=firing)


@pytest.mark.parametrize("alert", ALERTS)
def test_no_command_of_an_alert_has_a_placeholder_left_to_fill(alert):
    told = ALERTS[alert]["annotations"]["description"]

    assert "REPO" not in told


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_no_blip_and_says_how_urgent_it_is(alert):
    rule = ALERTS[alert]

    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert {"summary", "description", "runbook_url"} == set(rule["annotations"])
    assert rule["for"] in {"5m", "10m", "15m"}


def test_the_chart_has_a_copy_of_the_rules():
    copied = (ROOT / CHART / "alerts.yaml").read_text()

    assert (ROOT / COMPONENTS / "alerts" / "rules.yaml").read_text() == copied, (
        "run `make manifests`"
    )


def test_the_chart_has_a_copy_of_the_dashboard():
    copied = (ROOT / CHART / "dashboard.json").read_text()

    shipped = ROOT / COMPONENTS / "dashboard" / "mnist-operator.json"
    assert shipped.read_text() == copied, "run `make manifests`"
