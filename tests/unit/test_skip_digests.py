"""A line about a commit that is not trained says by which spec, as any other does."""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.openings import answer_request, start_next
from mnist_operator.outcomes import skip
from mnist_operator.plan import Request
from unit.builders import NOW, ago, commit, observed, source, training

_LATEST = training(trigger={"mode": "LatestOnly"})
_SOON = training(startingDeadlineSeconds=600)
_BAD = commit(1, state=CommitState.ERRORED)


@pytest.mark.parametrize(
    ("rung", "fields"),
    [
        pytest.param(skip, {"source": source(_BAD)}, id="errored"),
        pytest.param(
            start_next,
            {"training": _LATEST, "source": source(commit(1), commit(2))},
            id="superseded",
        ),
        pytest.param(
            start_next,
            {"training": _SOON, "source": source(commit(1, started=ago(9999)))},
            id="expired",
        ),
        pytest.param(
            answer_request, {"request": Request("now", "f" * 32)}, id="refused"
        ),
    ],
)
def test_a_skipped_commit_has_the_digest_of_the_spec_then(rung, fields):
    seen = observed(**fields)

    [action] = rung(seen, NOW).actions

    assert [seen.spec_digest] == [line.spec for line in action.entries]
    assert seen.spec_digest
