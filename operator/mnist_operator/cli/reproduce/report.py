"""The answer of mnistctl reproduce: as one object, and for people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from mnist_operator.cli import screen
from mnist_operator.cli.reproduce.comparison import Verdict
from mnist_operator.cli.reproduce.recipes import Recipe
from mnist_operator.cli.reproduce.run import Run

__all__ = ["build_report", "is_reproduced", "report_lines"]

_TOLD = {
    Verdict.IDENTICAL_BYTES: ("identical bytes", "green"),
    Verdict.IDENTICAL_PREDICTIONS: ("identical predictions", "green"),
    Verdict.WITHIN_TOLERANCE: ("metric within tolerance", "yellow"),
    Verdict.DIFFERENT: ("NOT REPRODUCED", "red"),
}


def build_report(
    asked: str, recipe: Recipe, run: Run, compared: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Everything, for programs; without a verdict as long as it was not compared."""
    nothing: dict[str, Any] = {
        "verdict": None,
        "evidence": None,
        "accuracy": None,
        "files": [],
        "differences": [],
    }
    report: dict[str, Any] = {
        "kind": "mnistctl/reproduction",
        "version": 1,
        "asked": asked,
        "model": {
            "name": recipe.model,
            "path": recipe.model_file,
            "training": f"{recipe.namespace}/{recipe.name}",
            "lineageSha256": recipe.identity,
        },
        "inputCommit": recipe.input_commit,
        "beganFrom": recipe.begins_from or None,
        "image": {
            "asked": run.image,
            "recordedSha256": recipe.image_sha256 or None,
            "ran": run.facts.get("imageID") or None,
        },
        "parameters": dict(recipe.spec["trainer"]["parameters"]),
        "run": {
            "repo": str(recipe.run_branch.repo),
            "branch": recipe.run_branch.name,
            "commit": run.staging,
            "namespace": run.namespace,
            "tfjob": run.tfjob,
            "pod": run.facts.get("pod") or None,
            "node": run.facts.get("node") or None,
            "started": run.facts.get("startedAt") or None,
            "finished": run.facts.get("endedAt") or None,
        },
        **(compared or nothing),
    }
    return report | {"notes": list(_notes(report, recipe, run))}


def is_reproduced(report: Mapping[str, Any], *, exact: bool) -> bool:
    """Whether it is what was asked for; `exact`: by its bytes alone."""
    good = {Verdict.IDENTICAL_BYTES.value}
    if not exact:
        good |= {
            Verdict.IDENTICAL_PREDICTIONS.value,
            Verdict.WITHIN_TOLERANCE.value,
        }
    return report["verdict"] in good


def _notes(report: Mapping[str, Any], recipe: Recipe, run: Run) -> Iterator[str]:
    """What whoever judges by the verdict should know."""
    if "@sha256:" not in run.image or recipe.image_sha256 not in run.image:
        yield f"it ran image {run.image}, which was named by hand"
    others = run.facts.get("otherImages")
    if others:
        yield f"its pods did not all run the same image: also {others}"
    verdict = report["verdict"]
    if verdict is None:
        yield "the same command without --no-wait waits for it, and compares"
    if verdict in {None, Verdict.IDENTICAL_BYTES.value}:
        return
    if recipe.spec["trainer"]["parameters"].get("deterministic") is False:
        yield "parameter deterministic is false: the same bytes were not to be expected"
    elif not report["differences"]:
        yield (
            "all recorded inputs are the same: what else the trainer depends on, it"
            " does not tell in run.json"
        )


def report_lines(report: Mapping[str, Any]) -> list[Text]:
    """What an auditor reads, the verdict first."""
    model, run = report["model"], report["run"]
    return [
        *_verdict_lines(report),
        screen.title("Run"),
        *screen.facts(
            ("run", f"{run['repo']}@{run['commit']}"),
            ("tfjob", f"{run['namespace']}/{run['tfjob']}"),
            ("pod", " on ".join(filter(None, (run["pod"], run["node"])))),
            ("started", run["started"]),
            ("finished", run["finished"]),
        ),
        screen.title("With"),
        *screen.facts(
            ("input", report["inputCommit"]),
            ("began from", report["beganFrom"]),
            ("image", report["image"]["asked"]),
            ("parameters", _pairs(report["parameters"])),
            ("training", model["training"]),
        ),
        *_file_lines(report),
        *_difference_lines(report),
        *(screen.line(f"Note: {note}", "yellow") for note in report["notes"]),
    ]


def _verdict_lines(report: Mapping[str, Any]) -> list[Text]:
    name = report["model"]["name"]
    if report["verdict"] is None:
        return [screen.title(f"Model {name} is being made again")]
    told, style = _TOLD[Verdict(report["verdict"])]
    head = screen.line(f"Model {name}: {told}", f"bold {style}")
    accuracy = report["accuracy"]
    was, now = _shown(accuracy["recorded"]), _shown(accuracy["found"])
    return [
        head,
        *screen.facts(
            ("evidence", report["evidence"]),
            ("accuracy", f"{now}, recorded was {was}"),
        ),
    ]


def _file_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    if report["files"]:
        yield screen.title("Files")
        rows = []
        for each in report["files"]:
            times = each["holdsTimes"] and each["state"] == "differs"
            state = f"{each['state']}{', and holds times' if times else ''}"
            rows.append((each["path"].lstrip("/"), state))
        yield from (screen.line(f"  {row}") for row in _columns(rows))


def _difference_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    if report["verdict"] is None:
        return
    yield screen.title("Inputs that differ" if report["differences"] else "Inputs")
    if not report["differences"]:
        yield screen.line("  all that is recorded is the same")
    for each in report["differences"]:
        was, now = _shown(each["recorded"]), _shown(each["found"])
        yield screen.line(f"  {each['input']}: was {was}, is {now}")


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(path) for path, _ in rows)
    return [f"{path.ljust(width)}  {state}" for path, state in rows]


def _shown(value: Any) -> str:
    return "unknown" if value is None else str(value) or "empty"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
