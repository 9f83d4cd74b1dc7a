"""Is it the same model? What was made again, held against its record. Pure.

From the strongest evidence to the weakest: the model file has the same bytes, the
model gives the same answers to the test images, its accuracy is close enough. What
went in is compared all the same: a model may be the same for all that has changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mnist_operator.cli.reproduce.recipes import Recipe
from mnist_operator.cli.statements import Statement, dig, dig_object, dig_text
from mnist_operator.trial import REPORT
from mnist_operator.warm_start import PART

__all__ = ["Made", "Verdict", "compare"]

_RECORD = frozenset({"lineage.json", "lineage.sigstore.json", "promotion.json"})
"""Files that the operator adds to a model."""
_TIMED = ("metrics.json", "run.json", "training.log", "report/index.html")
"""Files beside the model in which our trainer writes down times."""
_DATA_KEYS = ("path", "sha256")


class Verdict(StrEnum):
    """How far what was made again is the same."""

    IDENTICAL_BYTES = "IdenticalBytes"
    """The model file has the same sha256."""
    IDENTICAL_PREDICTIONS = "IdenticalPredictions"
    """As far as can be told, it answers every test image alike."""
    WITHIN_TOLERANCE = "WithinTolerance"
    """Its accuracy is as close as was asked for."""
    DIFFERENT = "Different"


@dataclass(frozen=True, slots=True)
class Made:
    """What a run left behind."""

    files: Mapping[str, str]
    """The sha256 of each, by its path from the root."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    """run.json; empty where there is none."""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    """metrics.json; empty where there is none."""
    image_id: str = ""
    """The image that ran, as its pod says."""
    node: str = ""


def compare(
    recipe: Recipe,
    statement: Statement,
    metrics: Mapping[str, Any],
    made: Made,
    *,
    tolerance: float,
) -> dict[str, Any]:
    """All that is the same and all that differs.

    Args:
        recipe: what was run.
        statement: the record of the model.
        metrics: its metrics.json; empty where there is none.
        made: what the run left behind.
        tolerance: by how much the accuracy may differ, a share from 0 to 1.

    """
    recorded = {f"/{k.lstrip('/')}": v for k, v in statement.subjects.items()}
    was = _number(statement.byproduct("metrics").get("accuracy"))
    now = _number(dig(made.manifest, "metrics", "accuracy"))
    if now is None:
        now = _number(made.metrics.get("accuracy"))
    verdict, evidence = _judge_model(recipe.model_file, recorded, made.files)
    if verdict is None and (same := _find_same_answers(metrics, made.metrics)):
        verdict, evidence = Verdict.IDENTICAL_PREDICTIONS, same
    if verdict is None:
        verdict, evidence = _judge_accuracy(was, now, tolerance)
    return {
        "verdict": verdict.value,
        "evidence": evidence,
        "accuracy": {
            "recorded": was,
            "found": now,
            "difference": None if was is None or now is None else round(now - was, 6),
            "tolerance": tolerance,
        },
        "files": list(_compare_files(recipe, recorded, made.files)),
        "differences": list(_compare_inputs(recipe, statement, made)),
    }


def _judge_model(
    model: str, recorded: Mapping[str, str], found: Mapping[str, str]
) -> tuple[Verdict | None, str]:
    """The verdict as far as bytes give one, and in a sentence what it rests on."""
    if model not in found:
        return Verdict.DIFFERENT, f"the run wrote no {model}"
    if recorded.get(model) == found[model]:
        return Verdict.IDENTICAL_BYTES, f"{model} has the same sha256"
    return None, ""


def _judge_accuracy(
    was: float | None, now: float | None, tolerance: float
) -> tuple[Verdict, str]:
    if was is None or now is None:
        which = "the record" if was is None else "the run"
        return Verdict.DIFFERENT, f"the model differs, and {which} tells no accuracy"
    # Rounded as the trainer writes it: 0.985 - 0.98 is more than 0.005 in binary.
    by = round(abs(now - was), 6)
    told = f"the accuracy is {now}, and was {was}"
    if by <= tolerance:
        return Verdict.WITHIN_TOLERANCE, f"{told}: within {tolerance}"
    return Verdict.DIFFERENT, f"{told}: {by} apart, more than {tolerance}"


def _find_same_answers(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What says that all test images are answered alike; empty if nothing does."""
    digests = was.get("predictionsSha256"), now.get("predictionsSha256")
    if all(digests):
        same = "the same class for every test image (predictionsSha256)"
        return same if digests[0] == digests[1] else ""
    # Other answers that come to the same counts would have another loss.
    for name in ("confusionMatrix", "loss"):
        if was.get(name) is None or was[name] != now.get(name):
            return ""
    return "the same confusion matrix, and the same loss to six decimals"


def _compare_files(
    recipe: Recipe, recorded: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    folder = recipe.model_file.rpartition("/")[0]
    timed = {f"{folder}/{name}" for name in _TIMED}
    for path in sorted(recorded.keys() | found.keys()):
        # A run that makes a model again compares it with the first, and with no other.
        if path.lstrip("/") in _RECORD or path == f"{folder}/{REPORT}":
            continue
        was, now = recorded.get(path), found.get(path)
        state = "identical" if was == now else "differs"
        state = "missing" if now is None else state
        yield {
            "path": path,
            "state": "added" if was is None else state,
            "holdsTimes": path in timed,
            "recordedSha256": was,
            "sha256": now,
        }


def _compare_inputs(
    recipe: Recipe, statement: Statement, made: Made
) -> Iterator[dict[str, Any]]:
    """Everything that went in and was not what the record says."""
    yield from _compare_image(recipe, made)
    was_data = {_data(each) for each in statement.data_files()}
    now_data = {_data(each) for each in made.manifest.get("input") or ()}
    if was_data and now_data:
        paths = sorted({path for path, _ in was_data ^ now_data})
        for path in paths:
            yield _difference(
                f"data {path}", dict(was_data).get(path), dict(now_data).get(path)
            )
    begun = dig_text(statement.material(PART), "digest", "sha256")
    begins = dig_text(made.manifest, PART, "sha256")
    if begun != begins:
        yield _difference("model to begin from", begun, begins)
    asked = recipe.spec["trainer"]["parameters"]
    used = dig_object(made.manifest, "parameters")
    if used is not None:
        yield from _compare_keys("parameter", asked, used)
    environment = statement.byproduct("environment")
    found = dig_object(made.manifest, "environment") or {}
    if environment and found:
        yield from _compare_keys("environment", environment, found)
    node = statement.byproduct("pod").get("node") or ""
    if node and made.node and node != made.node:
        yield _difference("node", node, made.node)


def _compare_image(recipe: Recipe, made: Made) -> Iterator[dict[str, Any]]:
    ran = made.image_id.rpartition("sha256:")[2] if "sha256:" in made.image_id else ""
    if recipe.image_sha256 != ran:
        recorded = recipe.image_sha256 or None
        yield _difference("image", recorded, ran or None)


def _compare_keys(
    kind: str, was: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            yield _difference(f"{kind} {key}", was.get(key), now.get(key))


def _difference(what: str, was: Any, now: Any) -> dict[str, Any]:
    return {"input": what, "recorded": was, "found": now}


def _data(item: Mapping[str, Any]) -> tuple[str, str]:
    path, sha256 = (str(item.get(key)) for key in _DATA_KEYS)
    return f"/{path.lstrip('/')}", sha256


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None
