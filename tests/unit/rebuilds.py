"""Attempts, output commits and ledger lines of one training, for rebuilds of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mnist_operator.cli.ledger.rebuild import Truth
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import (
    SUPERSEDED,
    Decision,
    Entry,
    Start,
    failure_of,
    skip_of,
)
from mnist_operator.lineage import publication_of, read_model
from mnist_operator.runs import Outcome, Verdict, new_attempt
from unit import mnistctl_records as records

DAY = datetime(2026, 3, 31, tzinfo=UTC)
LEDGER = Branch(Repo("default", "outputrepo_runs"), "team_mnist_ledger")
KILLED = Outcome(Verdict.FAILED, "TrainerKilled", "Exit code 137.", retryable=True)
INVALID = Outcome(Verdict.FAILED, "DataInvalid", "no x_train")
GOOD = Outcome(Verdict.SUCCEEDED)
STOPPED = Outcome(Verdict.ABANDONED, SUPERSEDED, "A newer one took its place.")
MOVED = Outcome(Verdict.ABANDONED, "SpecChanged", "The spec is another one.")
START = Entry(DAY, Decision.STARTED, start=Start("Latest", "0" * 32))


def name(number):
    """The ID of an input commit."""
    return f"{number:04x}" * 8


def attempt(hour, commit, outcome=GOOD, *, slot=0, number=1, request=""):
    """An attempt that was closed half an hour after it was opened."""
    opened = DAY + timedelta(hours=hour)
    begun = new_attempt(
        records.TRAINING, name(commit), number, "2" * 64, opened=opened, slot=slot,
        request=request,
    )  # fmt: skip
    staging = f"{0xA000 + hour:04x}" * 8
    if outcome is None:
        return replace(begun, staging=staging)
    closed = opened + timedelta(minutes=30)
    return replace(
        begun, staging=staging, outcome=outcome, closed=closed, finished=True
    )


def model(one):
    """The output commit of an attempt that went well."""
    words = read_model(records.record()[0])
    commit = records.output_commit(
        int(one.staging[:4], 16), finished=one.closed + timedelta(minutes=5)
    )
    description = (
        records.record()[0]
        .description.replace(words.run, one.staging)
        .replace(words.input_commit, one.commit)
    )
    return replace(commit, description=description)


def line(commit):
    """The ledger's line of an output commit."""
    return publication_of(commit, read_model(commit))


def failure(one):
    """The ledger's line of an attempt that failed, a minute after its end."""
    now = one.closed + timedelta(minutes=1)
    return failure_of(one, one.outcome.reason, one.outcome.message, now=now)


def skipped(hour, commit, **values):
    now = DAY + timedelta(hours=hour)
    values = {"reason": SUPERSEDED, "message": "Newer.", **values}
    return Entry(now, Decision.SKIPPED, name(commit), **values)


def truth(*attempts, models=(), start=None):
    commits = sorted(models, key=lambda each: each.finished, reverse=True)
    return Truth("team/mnist", commits, attempts, start)


def lines_of(plan):
    return plan.content.splitlines()


def told(plan):
    return [
        (each.kind.value, each.entry.decision.value, each.entry.commit[:4])
        for each in plan.changes
    ]


def story():
    """Attempts, output commits and the ledger of a training that had it all."""
    first = attempt(1, 1)
    retried, given_up = attempt(2, 2, KILLED), attempt(3, 2, KILLED, number=2)
    moved, stopped = attempt(4, 3, MOVED), attempt(5, 3, STOPPED)
    last = attempt(6, 4)
    attempts = first, retried, given_up, moved, stopped, last
    models = model(first), model(last)
    superseded = skip_of(stopped, SUPERSEDED, "Newer.", now=stopped.closed)
    lines = START, line(models[0]), failure(given_up), superseded, line(models[1])
    return attempts, models, lines


def parse(content):
    return json.loads(content if isinstance(content, bytes) else content.to_line())


def outputs(plan):
    return {read["output"] for read in map(parse, lines_of(plan)) if "output" in read}
