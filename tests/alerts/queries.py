"""What a query asks for: metrics, and labels of them. As far as our queries go."""

import re
from dataclasses import dataclass

from alerts.rulebook import RULES
from mnist_operator.metric_families import FAMILIES, PREFIX, Kind

__all__ = ["Asked", "asked", "families", "known", "without_variables"]

_STRING = re.compile(r'"[^"]*"')
_SELECTOR = re.compile(r"([A-Za-z_:][\w:]*)\s*(?:\{([^}]*)\})?")
_GROUP = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
_RANGE = re.compile(r"\[[^\]]*\]")
_WORDS = {
    *("sum", "max", "min", "count", "by", "without", "on", "ignoring"),
    *("and", "or", "unless", "rate", "increase", "round", "time", "vector", "absent"),
    *("histogram_quantile", "quantile_over_time", "last_over_time"),
}
"""Functions and operators that may be used; another one has to be added here."""
_OTHERS = {
    "up": {"job", "instance"},
    "ALERTS": {"alertname", "alertstate", "severity"},
}
"""Prometheus' own."""
_TARGET = {"job", "instance"}
"""Labels that Prometheus adds to every series."""


@dataclass(frozen=True)
class Asked:
    """Metrics with the labels of their matchers, and labels to group or match by."""

    metrics: dict[str, set[str]]
    groups: set[str]
    words: set[str]
    """Names that are neither metrics nor known words."""


def known() -> dict[str, set[str]]:
    """Every name that can be queried, with its labels."""
    found = {}
    for each in FAMILIES.values():
        labels = {*each.labels, *_TARGET}
        if each.kind is Kind.HISTOGRAM:
            found[f"{each.full_name}_bucket"] = labels | {"le"}
            found |= {f"{each.full_name}_{end}": labels for end in ("sum", "count")}
        else:
            found[each.full_name] = labels
    return found | _OTHERS | _records()


def _records() -> dict[str, set[str]]:
    return {
        rule["record"]: asked(rule["expr"]).groups for rule in RULES if "record" in rule
    }


def families(metrics: set[str]) -> set[str]:
    """The families of these metrics, as the table has them."""
    bare = {re.sub("_(bucket|sum|count)$", "", each) for each in metrics} | metrics
    return {each for each in FAMILIES if PREFIX + each in bare}


def without_variables(expr: str) -> str:
    """A query of the dashboard, as Grafana would send it."""
    return expr.replace("$__rate_interval", "5m").replace('"$namespace"', '".+"')


def asked(expr: str) -> Asked:
    """Take a query apart."""
    bare = _RANGE.sub("", _STRING.sub('""', expr))
    groups = {
        label.strip() for group in _GROUP.findall(bare) for label in group.split(",")
    } - {""}
    metrics: dict[str, set[str]] = {}
    words = set()
    for name, inside in _SELECTOR.findall(_GROUP.sub(" ", bare)):
        if ":" in name or name in _OTHERS or name.startswith(PREFIX):
            labels = set(re.findall(r"(\w+)\s*[=!]", inside))
            metrics[name] = metrics.get(name, set()) | labels
        elif name not in _WORDS:
            words.add(name)
    return Asked(metrics, groups, words)
