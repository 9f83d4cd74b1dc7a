"""The auditor: looks at what is there, from outside, and says what is wrong with it.

It speaks to pachd and the API server alone, and no code of the operator is imported.
What it holds against the world is the list of what was pushed.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from crashes.course import Course
from crashes.hands import DATA_PATH, model_of_data
from crashes.outside import CommitSeen
from demo.verify import MODEL, Evidence, find_faults, read_description
from local_cluster.kube.client import path_of

__all__ = ["Audit", "audit"]

_UP_TO_DATE = {"Ready": "True", "Reconciling": "False", "Stalled": "False"}


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of it."""

    models: int
    """Output commits on the branch that are no failures."""
    lines: int
    """Lines of the ledger about commits; one that was written twice counts twice."""
    given_up: int
    """All other commits of the output repo, each ended with an error."""
    faults: tuple[str, ...]
    """Every sentence that should not be true."""


async def audit(course: Course) -> Audit:
    """Look at all that one training has left, once it is at rest."""
    shown = await course.pachd.commits(course.output, "master")
    everything = await course.pachd.commits(course.output)
    outputs = [each for each in shown if not _is_given_up(each)]
    others = [each for each in everything if each not in outputs]
    lines = await _ledger(course)
    faults = [
        *_check_order(course, outputs),
        *[fault for each in outputs for fault in await _check_model(course, each)],
        *_check_others(others),
        *await _check_given_up(course, shown),
        *_check_ledger(course, outputs, lines),
        *await _check_runs(course),
        *await _check_status(course, outputs),
        *await _check_jobs(course),
    ]
    return Audit(len(outputs), len(lines), len(others), tuple(faults))


def _check_order(course: Course, outputs: list[CommitSeen]) -> list[str]:
    wanted = [*course.pushed]
    made_of = [_input_of(each) for each in outputs]
    if made_of == wanted:
        return []
    faults = [
        f"input commit {commit} has {count} models"
        for commit in wanted
        if (count := made_of.count(commit)) != 1
    ]
    strangers = [each for each in made_of if each not in course.pushed]
    faults += [f"a model of {each!r}, which nobody pushed" for each in strangers]
    return faults or ["the models are not in the order of their input commits"]


async def _check_model(course: Course, output: CommitSeen) -> list[str]:
    """One output commit: whole, of the data that it names, and truly recorded."""
    if not output.finished or output.error:
        return [f"output {output.id} is not whole: {output.error or 'open'}"]
    commit = _input_of(output)
    pushed = course.pushed.get(commit)
    if pushed is None:
        return []  # Told already.
    data = await course.pachd.file(course.input, commit, DATA_PATH)
    files = await course.pachd.files(course.output, output.id)
    evidence = Evidence(
        input_commit=commit,
        input_sha256=hashlib.sha256(data).hexdigest(),
        description=output.description,
        files=files,
    )
    faults = find_faults(evidence)
    if data != pushed:
        faults.append("the input commit holds other data than was pushed")
    if files.get(MODEL) != model_of_data(pushed):
        faults.append("the model was not trained on the data of its input commit")
    if course.native and output.made_of != ((course.input, commit),):
        faults.append(f"for pachd it is made of {output.made_of}")
    return [f"output {output.id}: {each}" for each in faults]


def _check_others(others: list[CommitSeen]) -> list[str]:
    """What else is in the output repo was given up, and says so."""
    return [
        f"output {each.id} is beside the branch, and nobody gave it up"
        for each in others
        if not (each.finished and each.error)
    ]


async def _check_given_up(course: Course, shown: list[CommitSeen]) -> list[str]:
    """Whoever reads the branch there meets the model before, and nothing else.

    An operator that dies after it ended a commit cannot take it off the branch.
    """
    faults = []
    for below, each in zip([None, *shown], shown, strict=False):
        if _is_given_up(each):
            files = await course.pachd.files(course.output, each.id)
            older = await course.pachd.files(course.output, below.id) if below else {}
            if files != older:
                faults.append(f"output {each.id} was given up with files of its own")
    return faults


def _is_given_up(output: CommitSeen) -> bool:
    return output.finished and output.error.startswith("given up: ")


def _check_ledger(
    course: Course, outputs: list[CommitSeen], lines: list[dict[str, Any]]
) -> list[str]:
    """Every commit is decided, in its order; what is said twice is the same."""
    said = {(each["commit"], each["decision"], each.get("output")) for each in lines}
    wanted = {(_input_of(each), "Published", each.id) for each in outputs}
    order = [*dict.fromkeys(each["commit"] for each in lines)]
    faults = [f"the ledger says {each}, which is not so" for each in said - wanted]
    faults += [f"the ledger does not say {each}" for each in wanted - said]
    if not faults and order != [*course.pushed]:
        faults.append("the ledger is not in the order of the input commits")
    return faults


async def _check_runs(course: Course) -> list[str]:
    """No attempt was left open, and each tells how it ended."""
    attempts = await course.pachd.commits(f"{course.output}_runs")
    ours = [
        (each, told)
        for each in attempts
        if (told := read_description(each.description)).get("kind")
        == "mnist-operator/attempt"
    ]
    published = Counter(
        told["inputCommit"]
        for each, told in ours
        if each.finished and told.get("outcome", {}).get("verdict") == "Succeeded"
    )
    open_ones = [each.id for each, _ in ours if not each.finished]
    faults = [f"attempt {each} was left open" for each in open_ones]
    failed = [commit for commit in course.pushed if not published[commit]]
    return faults + [f"no attempt for {commit} went well" for commit in failed]


async def _check_status(course: Course, outputs: list[CommitSeen]) -> list[str]:
    """The status tells the same story."""
    status = await course.status()
    last = outputs[-1].id if outputs else ""
    told = {each["type"]: each["status"] for each in status.get("conditions", [])}
    faults = []
    if _UP_TO_DATE.items() - told.items():
        faults.append(f"the conditions are {told}")
    if status.get("lastModelCommit") != last:
        faults.append("the status names another newest model")
    history = [each["commit"] for each in status.get("history", [])]
    if history != [*course.pushed][::-1][: len(history)]:
        faults.append("the history is not that of the newest commits")
    return faults


async def _check_jobs(course: Course) -> list[str]:
    """No TFJob is under way, and none is of an attempt that nobody knows."""
    path = path_of("kubeflow.org/v1", "tfjobs", (course.namespace, ""))
    found = await course.kube.insist("GET", path)
    assert found is not None
    faults = []
    for job in found["items"]:
        conditions = (job.get("status") or {}).get("conditions") or []
        ended = {each["type"] for each in conditions if each["status"] == "True"}
        if not ended & {"Succeeded", "Failed"}:
            faults.append(f"TFJob {job['metadata']['name']} was left behind")
    return faults


async def _ledger(course: Course) -> list[dict[str, Any]]:
    runs, branch = f"{course.output}_runs", f"{course.namespace}_{course.name}_ledger"
    commits = await course.pachd.commits(runs, branch)
    content = await course.pachd.file(runs, commits[-1].id, "/ledger.jsonl")
    lines = [json.loads(line) for line in content.splitlines()]
    return [each for each in lines if each["decision"] != "Started"]


def _input_of(output: CommitSeen) -> str:
    return str(read_description(output.description).get("inputCommit", ""))
