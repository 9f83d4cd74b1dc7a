"""The rules as they are shipped, and promtool's verdict on made-up days of metrics."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from alerts.promtool import find_promtool

__all__ = [
    "ALERTS",
    "ROOT",
    "RULES",
    "check_expressions",
    "check_rules",
    "render",
    "verdict",
]

ROOT = Path(__file__).resolve().parents[2]
_COMPONENT = ROOT / "deploy" / "kustomize" / "components" / "alerts"
[MANIFEST] = yaml.safe_load_all((_COMPONENT / "rules.yaml").read_text())
RULES: list[dict[str, Any]] = [
    rule for group in MANIFEST["spec"]["groups"] for rule in group["rules"]
]
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for rule in RULES if "alert" in rule
}


@cache
def _promtool() -> str:
    return str(find_promtool())


def _run(*words: str) -> str:
    """What promtool says where it is not content; empty where it is."""
    done = subprocess.run(
        [_promtool(), *words], check=False, capture_output=True, text=True, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _write(folder: Path, groups: list[dict[str, Any]]) -> Path:
    """Rules as Prometheus reads them: what its operator takes from the object."""
    path = folder / "rules.yaml"
    path.write_text(json.dumps({"groups": groups}))
    return path


def _alone(alert: str) -> list[dict[str, Any]]:
    """One alert and the records that it asks for: the others cost time."""
    asked = [
        rule
        for rule in RULES
        if "record" in rule and rule["record"] in ALERTS[alert]["expr"]
    ]
    return [{"name": "alone", "rules": [*asked, ALERTS[alert]]}]


def check_rules(folder: Path) -> str:
    """What promtool finds wrong with the rules as such, its linter included."""
    return _run(
        "check",
        "rules",
        "--lint=all",
        "--lint-fatal",
        str(_write(folder, MANIFEST["spec"]["groups"])),
    )


def check_expressions(folder: Path, queries: list[str]) -> str:
    """What promtool's parser finds wrong with any of these."""
    records = [
        {"record": f"checked:query:{place}", "expr": query}
        for place, query in enumerate(queries)
    ]
    path = _write(folder, [{"name": "checked", "rules": records}])
    return _run("check", "rules", str(path))


def verdict(
    folder: Path,
    alert: str,
    series: dict[str, str],
    every: str = "1m",
    *,
    firing: dict[str, list[dict[str, str]]] | None = None,
    told: list[dict[str, Any]] | None = None,
) -> str:
    """What promtool says against these expectations; empty where it is content.

    `series`: by series, its samples, in promtool's notation; `every`: how often.
    `firing`: by time, the labels of all that fire then; other labels do not count.
    `told`: promtool's own alert_rule_test, which compares annotations as well.
    """
    tests = {
        "interval": every,
        "input_series": [
            {"series": name, "values": values} for name, values in series.items()
        ],
        "promql_expr_test": [
            _expect(alert, at, labels) for at, labels in (firing or {}).items()
        ],
        "alert_rule_test": told or [],
    }
    path = folder / "tests.yaml"
    rules = _write(folder, _alone(alert))
    path.write_text(
        json.dumps(
            {
                "rule_files": [rules.name],
                "evaluation_interval": every,
                "tests": [tests],
            }
        )
    )
    return _run("test", "rules", str(path))


def _expect(alert: str, at: str, all_labels: list[dict[str, str]]) -> dict[str, Any]:
    names = sorted({name for labels in all_labels for name in labels})
    by = f"sum by ({', '.join(names)})" if names else "sum"
    return {
        "expr": f'{by} (ALERTS{{alertname="{alert}", alertstate="firing"}})',
        "eval_time": at,
        "exp_samples": [
            {"labels": _selector(labels), "value": 1} for labels in all_labels
        ],
    }


def _selector(labels: dict[str, str]) -> str:
    inside = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inside}}}"


def render(text: str, labels: dict[str, str], words: dict[str, str]) -> str:
    """An annotation as Prometheus fills it in: labels by name, the rest as given."""
    for template, word in words.items():
        text = text.replace(template, word)
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)
