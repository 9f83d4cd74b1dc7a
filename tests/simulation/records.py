"""What is left of an attempt: how it ended is told in its commit, and in its record."""

from mnist_operator.runs import RECORD_FILE, Verdict, read_attempt

__all__ = ["check_records"]

_UNPREPARED = "Unprepared"
"""Its record may be lost to the call that prepares it, if that is very late."""
_FOUND = "file / directory path collision"
"""So begins what pachd itself found."""


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
        # Whoever plays for weeks lets go of what is in old ones.
        is_kept = not files or RECORD_FILE in files
        assert is_kept or attempt.outcome.reason == _UNPREPARED, "no record is left"
        good = attempt.outcome.verdict is Verdict.SUCCEEDED
        is_marked = bool(commit.error)
        assert good or is_marked, "a failed attempt looks like a good one"
        assert not (good and is_marked) or commit.error.startswith(_FOUND)
