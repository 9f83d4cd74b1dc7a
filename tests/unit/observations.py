"""Anything that can be observed, also what no story leads to, for properties.

All policies, up to three slots, requests, and TFJobs in every state: each of them at
random, but what is usual more often, so that every rung of the ladder is climbed.
IDs are few, so that things often have to do with each other.
"""

from dataclasses import replace

from hypothesis import strategies as st

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, Decision, retrain_request
from mnist_operator.ledger import Ledger
from mnist_operator.plan import Request
from mnist_operator.runs import Verdict
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    ago,
    attempt,
    begun,
    closed,
    commit,
    entry,
    ident,
    job,
    ledger,
    observed,
    source,
    spec_digest,
    training,
)

_OWN_REQUEST = retrain_request(ident(1), spec_digest())


def mostly(usual, *others):
    """The usual value three times in four, else one of the others."""
    return st.sampled_from([*[usual] * 3 * len(others), *others])


_MOSTLY, _RARELY = mostly(True, False), mostly(False, True)
_UIDS = mostly("uid-1", "uid-2")
_IMAGES = mostly("", "other")
_TIMES = st.sampled_from([0, 9, 60, 599, 600, 3600, 10_000]).map(ago)
_NUMBERS = st.integers(1, 3)
_REQUESTS = mostly("", "now", _OWN_REQUEST)
_STATES = mostly(CommitState.FINISHED, CommitState.OPEN, *CommitState)
_COMMITS = st.builds(commit, _NUMBERS, state=_STATES, started=_TIMES)


def _policies(mode, **fields):
    """A legal training: more than one commit at a time goes with LatestOnly alone."""
    trigger = fields.pop("trigger") | {"mode": mode}
    if mode == "EveryCommit":
        trigger["minCommits"] = 1
    return training(trigger=trigger, **fields)


_TRAININGS = st.builds(
    _policies,
    mode=st.sampled_from(["EveryCommit", "LatestOnly"]),
    uid=_UIDS,
    suspend=_RARELY,
    trigger=st.fixed_dictionaries({
        "startFrom": mostly("Latest", "Next", "Earliest", ident(1)),
        "unchanged": mostly("Skip", "Train"),
        "minCommits": mostly(1, 2),
        "debounceSeconds": mostly(0, 60),
        "paths": st.sampled_from([[], ["data/**"]]),
    }),
    concurrencyPolicy=st.sampled_from(["Forbid", "Allow", "Replace"]),
    maxParallel=_NUMBERS,
    startingDeadlineSeconds=mostly(None, 600),
    stopAfterFailures=st.sampled_from([0, 1, 10]),
    onSpecChange=st.sampled_from(["Nothing", "RetrainLatest"]),
    successfulRunsHistoryLimit=st.sampled_from([0, 1, 10]),
    failedRunsHistoryLimit=st.sampled_from([0, 1, 10]),
    deletionPolicy=st.sampled_from(["Cancel", "Orphan"]),
    trainer=st.builds(dict, image=_IMAGES),
    attempts=st.builds(dict, limit=_NUMBERS),
)  # fmt: skip
_ATTEMPTS = st.builds(
    attempt,
    _NUMBERS,
    commit_number=_NUMBERS,
    opened=_TIMES,
    request=_REQUESTS,
    uid=_UIDS,
    digest=_IMAGES.map(lambda image: spec_digest(trainer={"image": image})),
)
_ENDS = st.builds(
    dict,
    verdict=st.sampled_from(Verdict),
    at=_TIMES,
    finished=st.booleans(),
    reason=st.sampled_from(["PodLost", SUPERSEDED]),
    retryable=st.booleans(),
)
_JOBS = st.builds(
    dict,
    phase=st.sampled_from(JobPhase),
    created=_TIMES,
    admitted=st.none() | _TIMES,
    deleting=_RARELY,
    owner_uid=mostly("uid-1", "", "uid-2"),
    exit_code=st.sampled_from([None, 0, 1, 137]),
    last_words=st.text(max_size=5),
)
_LINES = st.builds(
    entry,
    st.integers(1, 6),
    st.sampled_from([Decision.PUBLISHED, Decision.FAILED, Decision.SKIPPED]),
    request=_REQUESTS,
    by=mostly("uid-1/1", ""),
)
_LEDGERS = st.lists(_LINES, max_size=3).map(
    lambda lines: ledger(*lines, start=begun(source="default/inputrepo@master"))
)
_CONTENTS = st.dictionaries(_NUMBERS.map(ident), st.sampled_from(["same", "new"]))
_ASKED = st.builds(
    Request, st.just("now"), st.sampled_from(["", ident(1)]), st.none() | _COMMITS
)
_RARE = mostly(
    {},
    {"rival": "team/older"},
    {"unrecorded": (entry(1),)},
    {"orphan": ident(8)},
    {"output_holder": commit(7)},
    {"output_holder": commit(7)},
    {"ledger": Ledger()},
)


@st.composite
def _slots(draw):
    """At most one attempt in each of three slots; two may be for the same."""
    found = []
    for slot in draw(st.sets(st.integers(0, 2))):
        opened = draw(_ATTEMPTS)
        staging = ident(int(opened.staging[:4], 16) + 0x100 * slot)
        opened = replace(opened, slot=slot, staging=staging)
        end = draw(st.none() | _ENDS)
        found.append(closed(opened, **end) if end else opened)
    return tuple(found)


@st.composite
def _sources(draw, decided):
    """Commits that are not decided, oldest first; the first may be gone."""
    least = draw(mostly(2, 0))
    found = draw(
        st.lists(_COMMITS, min_size=least, max_size=3, unique_by=lambda each: each.id)
    )
    waiting = sorted((c for c in found if c.id not in decided), key=lambda c: c.id)
    gone = draw(mostly("", waiting[0].id)) if waiting else ""
    exists = bool(waiting) or draw(st.booleans())
    return source(*waiting, gone=gone, repo_exists=exists, contents=draw(_CONTENTS))


@st.composite
def _tfjobs(draw, attempts):
    """Of some attempts, and of none."""
    found = [job(each, **draw(_JOBS)) for each in attempts if draw(st.booleans())]
    if draw(_RARELY):
        found.append(job(draw(_ATTEMPTS), **draw(_JOBS)))
    # A job whose attempt is closed has mostly ended.
    closed_ones = {each.staging for each in attempts if not each.is_open}
    over = draw(_MOSTLY)
    return [
        replace(each, phase=JobPhase.FAILED)
        if over and each.staging in closed_ones
        else each
        for each in found
    ]


@st.composite
def observations(draw):
    """All of it at once."""
    book, attempts = draw(_LEDGERS), draw(_slots())
    waiting = draw(_sources(book.decided))
    known = {each.id: each for each in draw(st.lists(_COMMITS, max_size=3))}
    fresh = {each.id: each for each in waiting.waiting if draw(_MOSTLY)}
    lost = {job(each).name for each in attempts if draw(_RARELY)}
    fields = {
        "training": draw(_TRAININGS),
        "ledger": book,
        "source": waiting,
        "attempts": attempts,
        "inputs": known | fresh,
        "jobs": draw(_tfjobs(attempts)),
        "created": frozenset(lost),
        "request": None if "now" in book.requests else draw(st.none() | _ASKED),
        "latest": draw(st.none() | st.builds(commit, _NUMBERS)),
    }
    return observed(**(fields | draw(_RARE)))
