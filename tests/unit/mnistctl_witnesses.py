"""A model, and everybody who can speak of it; by default all of them agree."""

import json
from dataclasses import replace

from mnist_operator import runs
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.cli.verify.verification import (
    Data,
    DataFile,
    Result,
    Run,
    Witnesses,
)
from mnist_operator.commits import File, Repo
from mnist_operator.decisions import Decision, Entry
from unit import mnistctl_records as records

RUNS = Repo("default", "outputrepo_runs")
DATA = Repo("default", "inputrepo")
DATA_FILE = DataFile(4)
MANIFEST = runs.canonical(records.manifest({"/my_model.h5": b"model"}))
EVIDENCE = records.evidence()


def a_run(*, facts=None, **changes):
    """The run that the record is of."""
    attempt = runs.Attempt(
        staging=records.STAGING,
        training=records.TRAINING.key,
        uid=records.TRAINING.uid,
        commit=records.INPUT_COMMIT,
        number=1,
        digest=records.asked()["specSha256"],
        opened=records.NOON,
        generation=records.TRAINING.generation,
        operator="0.1.0",
        closed=records.NOON,
        finished=True,
        outcome=runs.Outcome(runs.Verdict.SUCCEEDED),
        facts=records.ended() if facts is None else facts,
    )
    values = {
        "commit": records.output_commit(id=records.STAGING, repo=RUNS),
        "attempt": attempt,
        "asked": records.asked(),
        "manifest": json.loads(MANIFEST),
        # As the record says: its run.json has not the content that its manifest has.
        "manifest_sha256": records.sha256(b"{}"),
        "files": [
            File("/my_model.h5", 5, "11"),
            File("/run.json", 2, "22"),
            File("/attempt.json", 9, "33"),
        ],
    }
    return Run(**(values | changes))


def witnesses(commit, **changes):
    """Everybody, and all of them agree."""
    data = records.output_commit(2, id=records.INPUT_COMMIT, repo=DATA)
    line = Entry(
        records.NOON, Decision.PUBLISHED, run=records.STAGING, output=commit.id
    )
    values = {
        "run": a_run(),
        "run_repo": RUNS,
        "ledger": [line],
        "data": Data(data, {"/data/mnist.npz": DATA_FILE}),
    }
    return Witnesses(**(values | changes))


def opened(commit, content, files, **found):
    hashed = {"/my_model.h5": "11", "/run.json": "22"}
    files = [replace(each, hash=hashed.get(each.path, "")) for each in files]
    return Opened(
        str(commit), content, None, files, records.found(commit, **found), None
    )


def verified(*, terms=None, one=None, found=None, change=None, **said):
    """One model; by default everything about it fits."""
    commit, content, files = records.record(one)
    if change is not None:
        commit = replace(commit, **change)
    one_opened = opened(commit, content, files, **(found or {}))
    return verify(one_opened, witnesses(commit, **said), terms or Terms())


def check_of(verified, name):
    [found] = [each for each in verified.checks if each.name == name]
    return found


def failed(verified):
    return [each.name for each in verified.checks if each.result is Result.FAILED]
