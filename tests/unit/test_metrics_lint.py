"""The rules of `promtool check metrics`, and docs/metrics.md against the registry."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from mnist_operator.metric_families import FAMILIES, PREFIX, TRAINING, Kind
from mnist_operator.tallies import Shown
from unit.metric_samples import fill

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text()
UNITS = ("seconds", "ratio", "bytes")
INFOS = {"build_info", "last_failure_info"}
ABBREVIATIONS = {"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "pct", "percent"}


TEXT = generate_latest(fill().registry).decode()
EXPORTED = {each.name: each for each in text_string_to_metric_families(TEXT)}


def family(name):
    """As the parser names it: a counter without its _total."""
    return EXPORTED[PREFIX + name.removesuffix("_total")]


def test_what_is_exported_is_the_table_and_nothing_else():
    assert len(EXPORTED) == len(FAMILIES)
    for name, each in FAMILIES.items():
        found = family(name)
        assert each.kind == found.type
        assert each.says == found.documentation
        labels = {label for sample in found.samples for label in sample.labels}
        assert set(each.labels) == labels - {"le"}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_name_is_as_promtool_wants_it(name):
    each = FAMILIES[name]

    assert re.fullmatch("[a-z][a-z_]*[a-z]", name)
    assert (each.kind is Kind.COUNTER) == name.endswith("_total")
    assert not re.search("_(count|sum|bucket|info)$", name) or name in INFOS
    assert set() == ABBREVIATIONS & set(name.split("_"))
    assert set() == {kind.value for kind in Kind} & set(name.split("_"))
    assert each.kind is not Kind.HISTOGRAM or name.endswith(UNITS)
    assert each.says.endswith((".", "1"))
    assert all(re.fullmatch("[a-z]+", label) for label in each.labels)


@pytest.mark.parametrize("name", FAMILIES)
def test_no_label_grows_with_what_is_pushed(name):
    assert set() == {"commit", "run", "tfjob", "pod", "output"} & set(
        FAMILIES[name].labels
    )


def test_buckets_reach_from_the_usual_to_the_worst():
    wide = {name: each.buckets for name, each in FAMILIES.items() if each.buckets}

    assert all(sorted(set(each)) == list(each) for each in wide.values())
    assert (0.01, 60.0) == (
        wide["commit_to_job_seconds"][0],
        wide["commit_to_job_seconds"][-1],
    )
    assert (10.0, 86400.0) == (
        wide["run_duration_seconds"][0],
        wide["run_duration_seconds"][-1],
    )


# --- docs/metrics.md ------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    kind: str
    labels: tuple[str, ...]
    says: str


def _rows():
    line = re.compile(
        r"^\| `mnist_operator_(\w+)` \| (\w+) \| (.*?) \| (.*?) \|", re.MULTILINE
    )
    return {
        name: Row(kind, tuple(re.findall(r"`(\w+)`", labels)), says)
        for name, kind, labels, says in line.findall(DOCUMENT)
    }


def test_every_metric_is_documented_and_no_other():
    assert list(FAMILIES) == list(_rows())


@pytest.mark.parametrize("name", FAMILIES)
def test_a_metric_is_documented_as_it_is(name):
    each, row = FAMILIES[name], _rows()[name]
    own = each.labels[len(TRAINING) :] if each.labels[:2] == TRAINING else each.labels
    shown = (*TRAINING, *own) if each.labels[:2] == TRAINING else own

    assert (each.kind, shown, each.says) == (row.kind, row.labels, row.says)


@pytest.mark.parametrize("name", [n for n, each in FAMILIES.items() if each.buckets])
def test_the_buckets_of_a_histogram_are_documented(name):
    shown = ", ".join(f"{bound:g}" for bound in FAMILIES[name].buckets)

    assert re.search(
        rf"^\| `mnist_operator_{name}` \| {re.escape(shown)} \|", DOCUMENT, re.MULTILINE
    )


def test_the_number_of_series_is_as_documented():
    before = generate_latest(fill().registry).decode()
    metrics = fill()
    meter = metrics.meter("team", "another")
    meter.tally.shown = Shown(1, 1, True, "InvalidSpec", 0.99, 1.0, "PodLost")
    after = generate_latest(metrics.registry).decode()

    def count(text):
        return sum(not line.startswith("#") for line in text.splitlines())

    [told] = re.findall(r"Each MnistTraining has at most (\d+) series", DOCUMENT)
    assert int(told) == count(after) - count(before)
