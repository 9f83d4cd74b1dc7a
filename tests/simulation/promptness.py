"""What must come soon where nothing goes wrong: a run, its model, and its successor.

Whoever is not told of something finds it a minute later, when all is looked at. That
nothing is lost is one thing; that nobody waits for that minute is another. Here time
counts from whatever came last of all that was waited for.
"""

from datetime import timedelta
from itertools import takewhile
from math import inf

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED
from mnist_operator.runs import Verdict, read_attempt
from unit.builders import NOW

__all__ = [
    "find_delay",
    "find_idleness",
    "find_lateness",
    "has_enough",
    "is_smooth",
    "last_step",
]

_SOON_SECONDS = 30.0
"""More than all calls of a few looks take, and the news of what they do."""
_JITTER = 1.25
"""A backoff is so much longer at most."""
_MOST_WAITS = 10
"""So many quiet periods is a branch waited for, as docs/resource.md has it."""


def find_lateness(world, attempt, spec):
    """What is late about a TFJob that is created now; empty if nothing is."""
    source = world.pachyderm.commits.get(attempt.commit)
    if source is None or attempt.request or not is_smooth(world):
        return ""
    if attempt.number > 1 and _follows_failure(world, attempt):
        return _find_late_retry(world, attempt, spec)
    trigger, ended = spec.trigger, _ended(world)
    came = _seconds(source.finished)
    if trigger.min_commits > 1:
        came = ended[-1]
    quiet = trigger.debounce_seconds
    if quiet:
        calm = min(ended[-1] + quiet, _first_came(world) + _MOST_WAITS * quiet)
        came = calm if trigger.min_commits == 1 else max(came, calm)
    late = world.loop.now - max(came, _last_end(world))
    return f"a run begins {late:.0f} s late" if late > _SOON_SECONDS else ""


def _first_came(world):
    """When the oldest of those that wait was finished, or made way just now."""
    said = takewhile(lambda e: e.reason == SUPERSEDED, reversed(world.entries()))
    passed = {e.commit for e in said if _age(world, e.time) < _SOON_SECONDS}
    open_ones = {each.id for each in _waiting(world)} | passed
    found = (c for c in world.inputs() if c.id in open_ones and c.finished is not None)
    return min((_seconds(each.finished) for each in found), default=inf)


def _follows_failure(world, attempt):
    """Whether the one before it failed; what was given up leaves its number alone."""
    commits = world.pachyderm.commits
    before = commits.get(commits[attempt.staging].parent)
    last = read_attempt(before) if before is not None else None
    end = last.outcome if last is not None else None
    return end is None or end.verdict is Verdict.FAILED


def _find_late_retry(world, attempt, spec):
    """The same of one that follows another, which was the last to end."""
    longest = spec.attempts.backoff_seconds * 2.0 ** (attempt.number - 2) * _JITTER
    late = world.loop.now - _last_end(world) - longest
    return f"a run is tried again {late:.0f} s late" if late > _SOON_SECONDS else ""


def find_delay(world, attempt):
    """What is late about a model that is shown now; empty if nothing is."""
    ended = world.kubernetes.ended_at.get(attempt.staging)
    if ended is None or not is_smooth(world):
        return ""
    held = [
        _seconds(each.finishing)
        for each in world.pachyderm.commits.values()
        if each.repo == world.outputs.repo and each.finishing and not each.provenance
    ]
    late = world.loop.now - max([ended, _last_line(world), world.joined_at, *held])
    return f"a model comes {late:.0f} s late" if late > _SOON_SECONDS else ""


def has_enough(world):
    """Whether as many commits wait as spec.trigger.minCommits asks for, and did so."""
    spec = world.training.spec
    wanted = spec.trigger.min_commits
    held = spec.suspend or world.spec.get("stopAfterFailures") or wanted == 1
    if held or world.loop.now - last_step(world) < _SOON_SECONDS:
        return False
    waiting = [c for c in _waiting(world) if c.state is CommitState.FINISHED]
    return world.ledger().superseded + len(waiting) >= wanted > 1


def find_idleness(world, name):
    """What ought to have been begun, or stopped, while this TFJob ran; or nothing."""
    if not is_smooth(world):
        return ""
    attempt = read_attempt(world.pachyderm.commits[world.kubernetes.ever[name]])
    spec, waiting = world.training.spec, _waiting(world)
    trigger = spec.trigger
    # With paths, what is new is not told by the whole of the files.
    is_held = spec.suspend or trigger.debounce_seconds or trigger.paths
    if attempt.request or is_held or not attempt.is_open or trigger.min_commits > 1:
        return ""
    since = max(world.changed_at, world.joined_at, _last_line(world))
    left = [
        each
        for each in waiting
        if each.id != attempt.commit
        and each.state is CommitState.FINISHED
        and world.loop.now - max(since, _seconds(each.finished)) > _SOON_SECONDS
        and _is_new(world, each)
    ]
    if not left:
        return ""
    if spec.concurrency_policy == "Replace":
        return f"{name} runs on, and a newer commit waits"
    begun = {_input_of(world, each) for each in world.kubernetes.ever}
    if spec.concurrency_policy == "Allow" and spec.trigger.mode == "EveryCommit":
        window = [each.id for each in waiting[: spec.max_parallel]]
        if any(each.id in window and each.id not in begun for each in left):
            return "a commit waits, and there is room for it"
    return ""


def is_smooth(world):
    """Whether nothing went wrong so far, and one training is alone in its world."""
    calm = world.orderly and not (world.faults or world.shared or world.rewritten)
    alone = world.training is not None and len(world.tenants) == 1
    return calm and alone and world.gate is None


def _is_new(world, commit):
    """Whether no commit before it has the same files."""
    content = world.pachyderm.content
    inputs = [each.id for each in world.inputs()]
    older = inputs[: inputs.index(commit.id)]
    return all(content[commit.id] != content.get(each) for each in older)


def _input_of(world, name):
    attempt = read_attempt(world.pachyderm.commits[world.kubernetes.ever[name]])
    return attempt.commit


def _waiting(world):
    """The commits that are open, oldest first."""
    ledger = world.ledger()
    return [each for each in world.expected() if ledger.is_open(each.id)][::-1]


def _ended(world):
    """When each commit of the branch was finished, in their order."""
    return [_seconds(each.finished) for each in world.inputs() if each.finished]


def last_step(world):
    """When anything happened last that somebody may have waited for."""
    ended = world.kubernetes.ended_at.values()
    freed = [
        _seconds(each.finishing)
        for each in world.pachyderm.commits.values()
        if each.repo == world.outputs.repo and each.finishing
    ]
    return max([*ended, *freed, *_ended(world), _last_end(world), world.asked_at])


def _last_end(world):
    """When last anything came to an end that a run may have waited for."""
    closed = [
        _seconds(each.finishing)
        for each in world.pachyderm.commits.values()
        if each.repo == world.runs and each.finishing and read_attempt(each)
    ]
    since = [world.changed_at, world.joined_at, _last_line(world)]
    return max([*closed, *since])


def _last_line(world):
    """When the last decision was written down, but for who made way since."""
    said = (
        each.time for each in reversed(world.entries()) if each.reason != SUPERSEDED
    )
    return _seconds(next(said, NOW))


def _age(world, moment):
    return world.loop.now - _seconds(moment)


def _seconds(moment):
    return (moment - NOW) / timedelta(seconds=1)
