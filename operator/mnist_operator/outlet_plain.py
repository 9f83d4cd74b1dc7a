"""spec.output.provenance Metadata: a plain commit on the output branch.

It needs no right on the input repo but to read. The open head of the output branch
is the lock. After a crash the open commit carries our description: it is adopted,
and the stream is sent again, which changes nothing.
"""

from mnist_operator import places
from mnist_operator.commits import Commit, CommitState
from mnist_operator.errors import HeadOpenError, UpstreamError
from mnist_operator.evidence import Evidence
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import describe_model, model_of
from mnist_operator.outlet import (
    Place,
    find_twin,
    give_up,
    is_refused,
    wait_final,
)
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt

__all__ = ["PlainOutlet"]


class PlainOutlet:
    """Starts each model's commit on the output branch itself."""

    def __init__(self, client: Pachyderm, training: MnistTraining) -> None:
        self._client = client
        self._training = training
        self._branch = places.output_branch(training)

    async def open(self, attempt: Attempt, evidence: Evidence, ledger: Ledger) -> Place:
        """The commit to write: ours that a crash left open, or a new one."""
        head = await self._client.head(self._branch)
        model = model_of(head, self._training.key) if head is not None else None
        if head is not None and head.state is CommitState.OPEN:
            if model is None:
                detail = f"{head.held_open(self._branch)}, and the model is published"
                raise HeadOpenError("pachd", "StartCommit", detail)
            if model.run == attempt.staging:
                return await self._settle_twins(head, attempt, ledger)
            await give_up(self._client, head, "abandoned by a later run")
        elif head is not None and model is not None:
            ended = await wait_final(self._client, head)
            if ended is not None and is_refused(ended, model, attempt):
                twin = await self._find_twin(ended, attempt, ledger)
                return Place(twin, is_shown=True) if twin else Place(ended)
        opened = await self._client.start_commit(
            self._branch, description=describe_model(evidence)
        )
        commit = await self._client.commit(self._branch.repo, opened)
        if commit is None:
            detail = f"commit {opened} is gone before it was written"
            raise UpstreamError("pachd", "StartCommit", detail)
        return await self._settle_twins(commit, attempt, ledger)

    async def confirm(self, commit: Commit) -> None:
        """Nothing to do: whoever takes its place has ended it before."""

    async def show(self, commit: Commit) -> None:
        """Nothing to do: a finished commit is what readers see."""

    async def _settle_twins(
        self, commit: Commit, attempt: Attempt, ledger: Ledger
    ) -> Place:
        """With the lock in hand: the model of this turn may be there already."""
        twin = await self._find_twin(commit, attempt, ledger)
        if twin is None:
            return Place(commit)
        await give_up(self._client, commit, f"published already as {twin.id}")
        return Place(twin, is_shown=True)

    async def _find_twin(
        self, commit: Commit, attempt: Attempt, ledger: Ledger
    ) -> Commit | None:
        """The model of this turn below a commit."""
        return await find_twin(
            self._client, self._training, attempt, ledger, commit.parent
        )
