"""What a plan comes to, for a training as a test has it observed."""

import asyncio

from mnist_operator.cli.plan.course import foresee
from mnist_operator.cli.plan.rows import make_rows
from unit.builders import NOW, commit, ident, observed, source

LATEST_ONLY = {"trigger": {"mode": "LatestOnly"}}


async def _as_it_is(seen):
    return seen


def follow(seen, *, refresh=_as_it_is, limit=100):
    return asyncio.run(foresee(seen, refresh, now=NOW, limit=limit))


def rows(seen, **options):
    """Each row's commit (by its number), decision, time and reason."""
    found = make_rows(follow(seen, **options))
    return [
        (int(r.commit[:4], 16) if r.commit else 0, r.decision, _short(r.when), r.reason)
        for r in found
    ]


def _short(when):
    for number in range(1, 10):
        when = when.replace(ident(number), str(number))
    return when


def waits(*commits, **fields):
    """A training that sees these commits undecided; keywords are of the observation."""
    return observed(source=source(*commits), **fields)


def three():
    return [commit(each) for each in (1, 2, 3)]
