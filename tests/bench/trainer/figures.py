"""What the rounds have shown, as tables for people and as JSON for programs."""

from collections.abc import Mapping, Sequence
from statistics import mean, median
from typing import Any

from bench.tables import Result
from bench.trainer.contenders import Contender, Run

__all__ = ["breakdown", "climb", "comparison", "summarise"]

Runs = Mapping[str, Sequence[Run]]
TARGETS = ("99", "99.5", "99.7")
"""Percent of the test images."""

_RIVALS = {"fast": "classic", "best": "full"}


def summarise(runs: Runs) -> dict[str, dict[str, Any]]:
    """Accuracy, wall time and ratio of each; the ratio is one of medians."""
    figures: dict[str, dict[str, Any]] = {
        name: {
            "accuracy": round(mean(run.accuracy for run in done), 5),
            "worst": round(min(run.accuracy for run in done), 5),
            "seconds": round(median(run.wall for run in done), 3),
            "runs": len(done),
        }
        for name, done in runs.items()
    }
    for name, rival in _RIVALS.items():
        if name in figures and rival in figures:
            ratio = figures[name]["seconds"] / figures[rival]["seconds"]
            figures[name][f"ratio_to_{rival}"] = round(ratio, 3)
    return figures


def comparison(runs: Runs, contenders: Mapping[str, Contender]) -> Result:
    """Who is how good, and how long it takes."""
    figures = summarise(runs)
    rows = [
        [
            contenders[name].what,
            str(told["runs"]),
            f"{told['accuracy']:.2%}",
            f"{told['worst']:.2%}",
            f"{told['seconds']:.2f} s",
            f"{min(run.wall for run in runs[name]):.2f} s",
            _ratio(told),
        ]
        for name, told in figures.items()
    ]
    return Result(
        "Accuracy on the test images, and wall time from start to end of the process",
        ("", "runs", "mean", "worst", "median", "least", "ratio"),
        rows,
        "Ratios are of medians: Fast to 1,000 images, Best to all. Runs took turns.",
        figures,
    )


def breakdown(runs: Runs) -> Result:
    """Where the time goes, by each program's own account."""
    parts = list(
        dict.fromkeys(part for done in runs.values() for part in done[0].parts)
    )
    figures = {
        name: {
            part: round(median(run.parts.get(part, 0.0) for run in done), 3)
            for part in parts
        }
        for name, done in runs.items()
    }
    rows = [
        [part, *(_blank_zero(told[part]) for told in figures.values())]
        for part in parts
    ]
    return Result(
        "Seconds by part, medians",
        ("", *figures),
        rows,
        "The rest is what the program itself does not see, such as its own end.",
        figures,
    )


def _blank_zero(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds else ""


def climb(runs: Runs, contenders: Mapping[str, Contender]) -> Result:
    """In how many seconds an accuracy is reached, by whoever is soonest."""
    figures = {
        target: _soonest(runs, float(target) / 100, contenders) for target in TARGETS
    }
    rows = [
        [
            f"{target} %",
            told.get("by", "by none"),
            f"{told['seconds']:.2f} s" if told else "",
            f"{told['training']:.2f} s" if told else "",
        ]
        for target, told in figures.items()
    ]
    return Result(
        "Seconds to an accuracy, the mean of all seeds",
        ("accuracy", "by", "whole process", "training"),
        rows,
        "Medians. Only whole trainings are looked at, each with a schedule of its own.",
        figures,
    )


def _soonest(
    runs: Runs, target: float, contenders: Mapping[str, Contender]
) -> dict[str, Any]:
    reached = {
        name: median(run.wall for run in done)
        for name, done in runs.items()
        if mean(run.accuracy for run in done) >= target
    }
    if not reached:
        return {}
    name = min(reached, key=reached.__getitem__)
    training = median(run.parts.get("train", 0.0) for run in runs[name])
    return {
        "seconds": round(reached[name], 3),
        "training": round(training, 3),
        "by": contenders[name].what,
    }


def _ratio(told: Mapping[str, Any]) -> str:
    return next(
        (f"{value:.2f}" for name, value in told.items() if name.startswith("ratio")), ""
    )
