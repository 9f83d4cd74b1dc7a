"""promotion.json: the gate's word about a model, as an in-toto test result. Pure.

It lies in the model's own output commit, so it is published with the model in one
step, nothing can change it afterwards, and lineage.json has its sha256.

Source: https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator.foreign import number, plain, read_json, rows, table, word
from mnist_operator.gate import (
    LEVEL,
    Judgement,
    Mark,
    Ruling,
    find_next_mark,
    judge,
    withhold,
)
from mnist_operator.trial import Trial, TrialReport

__all__ = ["PROMOTION_FILE", "Verdict", "build_test_result", "read_verdict"]

PROMOTION_FILE = "/promotion.json"
_PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
_GATE = "https://mnist-operator.dev/promotion/v1"
"""How it decides, and by which figures; `mnistctl verify` asks it again years later. So
the words of a message may change, and values may be added; what would decide otherwise,
or calls a value by another name, is another version of it."""
_TESTS = {
    "Leaked": "NoLeak",
    "BelowMinAccuracy": "MinAccuracy",
    "Worse": "NotWorse",
    "Drifted": "NotDrifted",
}
"""Each test by the reason of whoever fails it, in the order in which they are done."""
_COMPARED = "Compared"
_RESULTS = {Ruling.PASSED: "PASSED", Ruling.REFUSED: "FAILED"}
_MESSAGE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model's promotion.json says."""

    ruling: Ruling
    reason: str
    message: str
    champion: str = ""
    """The model in production that it was compared with; empty: there was none."""
    images: tuple[str, str, str] = "", "", ""
    """Those that it was measured on: project/repo, commit, path."""
    mark: Mark | None = None
    """What later models are compared with as well, on these images, where it passed;
    None: the model itself."""


def build_test_result(
    subject: Mapping[str, Any], trial: Trial, report: TrialReport
) -> dict[str, Any]:
    """The in-toto Statement about one model.

    Args:
        subject: the model's file, as in-toto describes one: name and digest.
        trial: what was to be compared.
        report: what came of that.

    """
    judgement = (
        judge(report.figures, trial.bars, trial.mark)
        if report.figures
        else withhold(report.fault)
    )
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [dict(subject)],
        "predicateType": _PREDICATE,
        "predicate": {
            "result": _RESULTS.get(judgement.ruling, "WARNED"),
            "configuration": _list_configuration(trial, report, judgement),
            **_sort_tests(trial, report, judgement),
        },
    }


def _sort_tests(
    trial: Trial, report: TrialReport, judgement: Judgement
) -> dict[str, list[str]]:
    """Which tests passed, warned and failed; those after a failed one were not done."""
    figures = report.figures
    if figures is None:
        return {"passedTests": [], "warnedTests": [_COMPARED], "failedTests": []}
    idle = set() if figures.has_champion else {"Worse"}
    if trial.mark is None or not trial.mark.compares(figures):
        idle.add("Drifted")
    tests = [name for reason, name in _TESTS.items() if reason not in idle]
    failed = _TESTS.get(judgement.reason)
    passed = tests[: tests.index(failed)] if failed else tests
    return {
        "passedTests": [_COMPARED, *passed],
        "warnedTests": [],
        "failedTests": [failed] if failed else [],
    }


def _list_configuration(
    trial: Trial, report: TrialReport, judgement: Judgement
) -> list[dict[str, Any]]:
    """What was compared with what, by which bars, and the figures."""
    found: list[dict[str, Any]] = []
    places = {"heldOut": trial.held_out, "champion": trial.champion}
    places["championData"] = trial.champion_data
    digests = {"heldOut": report.held_out_sha256, "champion": report.champion_sha256}
    for name, place in places.items():
        if place is None:
            continue
        told = {"commit": place.commit, "repo": f"{place.project}/{place.repo}"}
        told |= {"branch": place.branch} if place.branch else {}
        each = {"name": name, "uri": place.uri}
        digest = {"digest": {"sha256": digests[name]}} if digests.get(name) else {}
        found.append({**each, **digest, "annotations": told | {"path": place.path}})
    if trial.mark is not None:
        found.append(_describe_mark(trial, trial.mark))
    policy = {
        "level": str(float(LEVEL)),
        "maxRegression": trial.bars.max_regression,
        "minAccuracy": trial.bars.min_accuracy,
        "test": "McNemar, exact, one-sided",
    }
    ruling = {
        "verdict": judgement.ruling.value,
        "reason": judgement.reason,
        "message": judgement.message,
        **_list_figures(report),
        **_name_next_mark(trial, report, judgement),
    }
    found.append({"name": "policy", "uri": _GATE, "annotations": policy})
    return [*found, {"name": "verdict", "uri": _GATE, "annotations": ruling}]


def _describe_mark(trial: Trial, mark: Mark) -> dict[str, Any]:
    """An earlier model of the champion's repo."""
    place = trial.champion or trial.held_out
    repo = f"{place.project}/{place.repo}"
    told = {"commit": mark.commit, "repo": repo, **_count_right(mark)}
    return {
        "name": "mark",
        "uri": f"pachyderm://{repo}@{mark.commit}",
        "annotations": told,
    }


def _count_right(mark: Mark) -> dict[str, int]:
    return {"right": mark.right, "images": mark.count}


def _name_next_mark(
    trial: Trial, report: TrialReport, judgement: Judgement
) -> dict[str, Any]:
    """What later models are compared with as well; nothing where it is this one."""
    if report.figures is None or judgement.ruling is not Ruling.PASSED:
        return {}
    champion = trial.champion.commit if trial.champion else ""
    mark = find_next_mark(report.figures, champion, trial.mark)
    return {"mark": {"commit": mark.commit, **_count_right(mark)}} if mark else {}


def _list_figures(report: TrialReport) -> dict[str, Any]:
    figures = report.figures
    if figures is None:
        return {}
    told: dict[str, Any] = {
        "images": figures.count,
        "accuracy": f"{float(figures.accuracy):.6f}",
        "leaked": {
            "challenger": figures.leaked_challenger,
            "champion": figures.leaked_champion,
        },
    }
    before, p_value = figures.champion_accuracy, figures.p_value
    if before is None or p_value is None:
        return told
    return told | {
        "championAccuracy": f"{float(before):.6f}",
        "p": f"{p_value:.3g}",
        "table": {
            "bothRight": figures.both_right,
            "onlyChampion": figures.only_champion,
            "onlyChallenger": figures.only_challenger,
            "bothWrong": figures.both_wrong,
        },
    }


def read_verdict(content: bytes | None) -> Verdict | None:
    """Read promotion.json back; None where there is none of ours."""
    statement = table(read_json(content or b""))
    if statement.get("predicateType") != _PREDICATE:
        return None
    listed = rows(table(statement.get("predicate")).get("configuration"))
    by_name = {
        word(each.get("name")): table(each.get("annotations")) for each in listed
    }
    told = by_name.get("verdict", {})
    try:
        ruling = Ruling(word(told.get("verdict")))
    except ValueError:
        return None
    champion = word(by_name.get("champion", {}).get("commit"))
    reason, message = (plain(word(told.get(k)), _MESSAGE_LIMIT) for k in _SAID)
    images = by_name.get("heldOut", {})
    repo, commit, path = (word(images.get(k)) for k in ("repo", "commit", "path"))
    mark = _read_mark(told.get("mark")) if ruling is Ruling.PASSED else None
    return Verdict(ruling, reason, message, champion, (repo, commit, path), mark)


_SAID = ("reason", "message")


def _read_mark(value: Any) -> Mark | None:
    told = table(value)
    commit, right, count = (told.get(key) for key in ("commit", "right", "images"))
    known, all_of_them = number(right), number(count)
    if known is None or all_of_them is None or not 0 <= known <= all_of_them > 0:
        return None
    return Mark(word(commit), known, all_of_them)
