"""The rules on what the operator really exported: who is woken, and about what.

promtool takes each number of the stage as if it had stood so for an hour, of a
counter that it had come about in it. What takes hours is told as if they were over.
"""

import pytest

from alerts.queries import asked, known
from alerts.rulebook import ALERTS, RULES, verdict
from integration.oncall.scenes import LAST, LATER, SCENES
from integration.oncall.stage import labels

pytestmark = pytest.mark.asyncio(loop_scope="package")
ALL = {**SCENES, **LATER, **LAST}
AT = "40m"
SEVEN_HOURS = 7 * 3600
BY_CHANCE = ("repo", "refused-token-in")
"""It had an answer, which was no; and it asks again once pachd is away, or later."""


def named(alert):
    """The scenes that lead to an alert."""
    return [name for name, scene in ALL.items() if scene.alert == alert]


WOKEN = {
    "TrainingStalled": [
        labels(name) | {"reason": ALL[name].reason} for name in named("TrainingStalled")
    ],
    # Those whose queue was stopped failed before.
    "TrainingFailing": [
        labels(name) for name in [*named("TrainingFailing"), "stopped"]
    ],
    "SourceUnreachable": [
        {"project": "default", "repo": f"{name}-in"}
        for name in named("SourceUnreachable")
    ],
    "ModelWithoutLineage": [labels("stranger")],
    "StaleModel": [labels("output-busy")],
    "AccuracyDropped": [],
    "OperatorDown": [],
}


def metrics_of(alert):
    """The exported metrics that an alert goes by, its records' included."""
    found = set(asked(ALERTS[alert]["expr"]).metrics)
    for rule in RULES:
        if rule.get("record") in found:
            found |= set(asked(rule["expr"]).metrics)
    return found & set(known())


def samples(name, value):
    """An hour of samples, one each minute."""
    if name.endswith("_total"):
        return f"0x5 {3 * value}x60"  # Three times as much went wrong.
    if name.endswith("_age_seconds") and value:
        return f"{value + SEVEN_HOURS}x60"
    if name.endswith("_timestamp_seconds"):
        return f"{-SEVEN_HOURS}x60"
    return f"{value}x60"


def notation(name, by):
    inside = ", ".join(f'{label}="{value}"' for label, value in sorted(by))
    return f"{name}{{{inside}}}"


@pytest.mark.parametrize("alert", ALERTS)
async def test_an_alert_wakes_for_its_scenes_and_for_no_other(
    evidence, alert, tmp_path
):
    wanted = metrics_of(alert)
    series = {
        notation(name, by): samples(name, value)
        for (name, by), value in evidence.metrics.items()
        if name in wanted and BY_CHANCE not in by
    }

    told = verdict(tmp_path, alert, series, firing={AT: WOKEN[alert]})

    assert series
    assert "" == told
