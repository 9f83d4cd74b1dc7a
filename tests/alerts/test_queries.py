"""Queries of rules and dashboard: promtool reads them, and what they ask for exists."""

import json
import re
import subprocess
import sys

import pytest

from alerts.queries import asked, families, known, without_variables
from alerts.rulebook import ALERTS, ROOT, RULES, check_expressions
from mnist_operator.metric_families import FAMILIES

COMPONENT = ROOT / "deploy" / "kustomize" / "components" / "dashboard"
DASHBOARD = json.loads((COMPONENT / "mnist-operator.json").read_text())
PANELS = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
IN_TEXTS = {
    alert: query.replace("%q", '""')
    for alert, rule in ALERTS.items()
    for query in re.findall(r'query \(printf "(.*?)" \$', str(rule["annotations"]))
}
"""What the texts of alerts ask for while they are made."""
TARGETS = {
    f"{panel['title']}-{target['refId']}": target
    for panel in PANELS
    for target in panel["targets"]
}
QUERIES = {
    **{f"text-of-{alert}": query for alert, query in IN_TEXTS.items()},
    **{rule.get("alert") or rule["record"]: rule["expr"] for rule in RULES},
    **{name: target["expr"] for name, target in TARGETS.items()},
}


def test_promtool_reads_every_query_of_the_dashboard_and_of_texts(tmp_path):
    queries = [without_variables(target["expr"]) for target in TARGETS.values()]
    queries += IN_TEXTS.values()

    assert {"TrainingFailing", "AccuracyDropped"} == set(IN_TEXTS)

    assert "" == check_expressions(tmp_path, queries)


def test_promtool_would_find_a_query_that_is_none(tmp_path):
    assert "parse error" in check_expressions(tmp_path, ["sum(up", "up"])


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_metric_and_label_of_a_query_is_exported(query):
    found, exported = asked(query), known()

    assert set() == found.words
    assert set() == set(found.metrics) - set(exported)
    for name, labels in found.metrics.items():
        assert set() == labels - exported[name]
    of_all = {label for name in found.metrics for label in exported[name]}
    assert set() == found.groups - of_all


@pytest.mark.parametrize(
    "query",
    [
        "sum(mnist_operator_no_such_total)",
        'sum(mnist_operator_decisions_total{commit="x"})',
        "sum by (commit) (mnist_operator_decisions_total)",
        "sum(training:no_such_record)",
        "some_function(mnist_operator_trainings)",
    ],
)
def test_what_is_not_exported_would_be_found(query):
    with pytest.raises((AssertionError, KeyError)):
        test_every_metric_and_label_of_a_query_is_exported(query)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_legend_names_labels_that_its_query_leaves(target):
    named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))

    assert named <= asked(target["expr"]).groups


def test_every_metric_is_on_the_dashboard():
    shown = {
        name for query in TARGETS.values() for name in asked(query["expr"]).metrics
    }

    assert set(FAMILIES) == families(shown)


# --- the dashboard as a whole ---------------------------------------------------------


def test_the_dashboard_is_what_its_sources_make():
    made = subprocess.run(
        [sys.executable, ROOT / "deploy" / "grafana" / "dashboard.py"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert (COMPONENT / "mnist-operator.json").read_text() == made.stdout, (
        "run `make dashboard`"
    )


def test_a_user_chooses_namespace_and_training():
    chosen = [each["name"] for each in DASHBOARD["templating"]["list"]]

    assert ["datasource", "namespace", "training"] == chosen


def test_no_panel_lies_on_another():
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows(panel):
    assert panel["description"].endswith(".")
    assert panel["targets"]
