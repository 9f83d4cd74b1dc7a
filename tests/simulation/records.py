"""What is left of an attempt: how it ended is told in its commit, and in its record."""

from mnist_operator.decisions import RUN_ENDS, SUPERSEDED, Decision
from mnist_operator.runs import RECORD_FILE, Verdict, read_attempt
from simulation.promptness import is_smooth
from unit.builders import NOW

__all__ = ["check_records", "find_tried"]

_FOUND = "file / directory path collision"
"""So begins what pachd itself found."""


def _check_told(world, attempt):
    """That no later run's failure is told of what one had succeeded with before it."""
    for entry in world.entries():
        same = (entry.commit, entry.request) == (attempt.commit, attempt.request)
        if entry.decision is not Decision.FAILED or not same or not entry.run:
            continue
        told = read_attempt(world.pachyderm.commits[entry.run])
        is_later = told.staging != attempt.staging and told.opened > attempt.closed
        assert not is_later, "a failure is told of what another run had succeeded with"


def _check_end(world, attempt):
    """That nobody gave it up for a reason that is none."""
    reason, spec = attempt.outcome.reason, world.training.spec
    assert not (attempt.request and reason == SUPERSEDED), "a run by hand made way"
    quiet = spec.trigger.debounce_seconds
    if reason == SUPERSEDED and quiet and is_smooth(world):
        ended = [c.finished for c in world.inputs() if c.finished is not None]
        came = max(each for each in ended if each < attempt.closed)
        waited = (attempt.closed - came).total_seconds()
        is_todays = (attempt.closed - NOW).total_seconds() > world.changed_at
        told = f"a run made way when all was quiet for {waited:.0f} s"
        assert waited >= quiet or not is_todays, told
    if reason == "Recreated":
        stays = spec.deletion_policy == "Orphan" and world.lasts and not world.faults
        assert not stays, "a run that was to stay is given up"


def check_records(world):
    """Each that the operator closed: whoever reads the run repo must not be misled."""
    key = f"{world.training.namespace}/{world.name}"
    for commit in world.pachyderm.commits.values():
        if commit.repo != world.runs or commit.finishing is None:
            continue
        attempt = read_attempt(commit)
        if attempt is None or attempt.training != key or not attempt.facts:
            continue
        files = world.pachyderm.content[commit.id]
        # Whoever plays for weeks lets go of what is in old ones. And what was given up
        # may have been prepared very late, by whoever opened it and then stood still.
        is_kept = not files or RECORD_FILE in files
        given_up = attempt.outcome.verdict is Verdict.ABANDONED
        assert is_kept or given_up, "no record is left"
        _check_end(world, attempt)
        good = attempt.outcome.verdict is Verdict.SUCCEEDED
        is_marked = bool(commit.error)
        assert good or is_marked, "a failed attempt looks like a good one"
        assert not (good and is_marked) or commit.error.startswith(_FOUND)
        if good:
            _check_told(world, attempt)


def find_tried(world):
    """Commit and spec of each run whose end is written down, as its commit has them."""
    ended = {each.run for each in world.entries() if each.decision in RUN_ENDS}
    commits = [world.pachyderm.commits[each] for each in ended if each]
    return {(each.commit, each.digest) for each in map(read_attempt, commits) if each}
