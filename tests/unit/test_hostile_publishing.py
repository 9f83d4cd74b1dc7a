"""What a run left behind is more than can be read: a recorded failure, not a retry."""

import pytest

from mnist_operator import runs
from mnist_operator.commits import File
from mnist_operator.decisions import Decision
from mnist_operator.errors import TooLargeError
from mnist_operator.ledger import Ledger
from mnist_operator.publisher import Publisher
from mnist_operator.runs import Verdict
from unit.builders import NOW, RUNS, attempt, closed, commit, training

pytestmark = pytest.mark.asyncio


class _Overfull:
    """A pachd with a finished run, of which one thing is too much."""

    def __init__(self, asked):
        self._asked = asked

    async def commit(self, repo, staging, **_):
        return commit(staging, repo=RUNS)

    async def files(self, repo, staging, *, limit):
        if not self._asked:
            raise TooLargeError("pachd", "WalkFile", f"more than {limit} files below /")
        sizes = {"/run.json": 2, runs.ATTEMPT_FILE: 2, self._asked: 2**50}
        return [File(path, size, "00") for path, size in sizes.items()]

    async def chunks(self, repo, staging, path, *, size):
        assert path != self._asked, "what is too large is not even asked for"
        yield b"{}"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/run.json", "/run.json has 1125899906842624 bytes, more than 4194304"),
        (runs.ATTEMPT_FILE, "/attempt.json has 1125899906842624 bytes"),
        ("", "more than 10000 files below /"),
    ],
    ids=["a-report", "the-operators-own-file", "files"],
)
async def test_a_run_with_too_much_of_something_is_a_failure(asked, told):
    ended = closed(attempt(), Verdict.SUCCEEDED)
    publisher = Publisher(_Overfull(asked), training())
    entry = await publisher.publish(ended, Ledger(), now=NOW)

    assert (Decision.FAILED, "OutputInvalid") == (entry.decision, entry.reason)
    assert f"It wrote more than can be published: {told}" in entry.message
