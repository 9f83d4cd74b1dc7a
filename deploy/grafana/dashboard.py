"""Print the dashboard as the JSON that Grafana reads; `make dashboard` keeps it.

Grafana's schema is version 39, of 10.4 and later; older ones are converted by it.
"""

import json
import sys
from typing import Any

from panels import Panel
from rows import ROWS

__all__ = ["build"]

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDE = 24
_HEIGHT = {"stat": 4, "table": 6, "timeseries": 8}
_RED_ABOVE = (("green", None), ("red", 1))
_RED_BELOW = (("red", None), ("green", 1))
_PLAIN = (("text", None),)


def build() -> dict[str, Any]:
    """The whole dashboard."""
    return {
        "uid": "mnist-operator",
        "title": "mnist-operator",
        "description": "Commits, runs and models of MnistTrainings.",
        "tags": ["mnist-operator"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": _variables()},
        "panels": _numbered(_laid_out()),
    }


def _variables() -> list[dict[str, Any]]:
    source = {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "hide": 0,
    }
    ready = "mnist_operator_training_ready"
    chosen = f'{ready}{{namespace=~"$namespace"}}'
    return [
        source,
        _choice("namespace", "Namespace", f"label_values({ready}, namespace)"),
        _choice("training", "Training", f"label_values({chosen}, training)"),
    ]


def _choice(name: str, label: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _laid_out() -> list[dict[str, Any]]:
    """Rows from top to bottom; in each, panels from left to right."""
    shown: list[dict[str, Any]] = []
    top = 0
    for title, panels in ROWS.items():
        shown.append(_place(_row(title), 0, top, _WIDE, 1))
        top += 1
        left = height = 0
        for panel in panels:
            if left + panel.width > _WIDE:
                left, top = 0, top + height
            height = _HEIGHT[panel.kind]
            shown.append(_place(_panel(panel), left, top, panel.width, height))
            left += panel.width
        top += height
    return shown


def _row(title: str) -> dict[str, Any]:
    return {"type": "row", "title": title, "collapsed": False, "panels": []}


def _place(
    body: dict[str, Any], left: int, top: int, width: int, height: int
) -> dict[str, Any]:
    return {**body, "gridPos": {"h": height, "w": width, "x": left, "y": top}}


def _numbered(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": number, **each} for number, each in enumerate(panels, 1)]


def _panel(panel: Panel) -> dict[str, Any]:
    steps = {"above": _RED_ABOVE, "below": _RED_BELOW}.get(panel.red, _PLAIN)
    body = {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": _SOURCE,
        "targets": _targets(panel),
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                **panel.bounds,
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"color": c, "value": at} for c, at in steps],
                },
            },
            "overrides": [],
        },
        "options": _OPTIONS[panel.kind],
    }
    if panel.kind == "table":
        body["transformations"] = [_HIDE]
    return body


_OPTIONS: dict[str, dict[str, Any]] = {
    "stat": {
        "colorMode": "value",
        "graphMode": "none",
        "reduceOptions": {"calcs": ["lastNotNull"], "values": False},
    },
    "table": {"showHeader": True},
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}
_HIDE = {
    "id": "organize",
    "options": {
        "excludeByName": dict.fromkeys(
            ("Time", "Value", "__name__", "alertstate"), True
        )
    },
}


def _targets(panel: Panel) -> list[dict[str, Any]]:
    once = {"instant": True, "range": False}
    if panel.kind == "table":
        once["format"] = "table"  # type: ignore[assignment]
    return [
        {
            "refId": chr(ord("A") + place),
            "datasource": _SOURCE,
            "expr": query.expr,
            "legendFormat": query.legend or "__auto",
            **(once if panel.kind != "timeseries" else {}),
        }
        for place, query in enumerate(panel.queries)
    ]


if __name__ == "__main__":
    json.dump(build(), sys.stdout, indent=2)
    sys.stdout.write("\n")
