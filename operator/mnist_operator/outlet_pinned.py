"""spec.output.provenance Native: pachd itself knows what each model was trained on.

A *pin* branch in the input repo and a *staged* branch in the output repo, one pair
for each training. Moving the pin to the input commit makes pachd open a commit on
staged whose provenance is that commit, whatever the order. It is written, finished,
and then the output branch is moved to it in one step: readers never meet an open
head there, and the input commit can no longer be squashed or dropped.

The open head of staged is the lock. It has no description before it is finished, so
who filled it is told by comparing its record with the description that it ended
with. A commit that does not stand on the output branch's head is never shown: the
next one begins there again, so that a stranger's commit stays in the history.

What was recorded of a real pachd, and what of it is relied on: docs/provenance.md.
"""

import hashlib

from mnist_operator import places
from mnist_operator.commits import Commit, CommitState, Repo
from mnist_operator.errors import ConflictError, HeadOpenError
from mnist_operator.evidence import LINEAGE_FILE, Evidence
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import model_of, read_model
from mnist_operator.outlet import (
    GIVEN_UP,
    Place,
    find_twin,
    give_up,
    has_nothing,
    is_refused,
    wait_final,
)
from mnist_operator.output_branch import OutputBranch
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.pins import move_pin, refuse_declared
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt

__all__ = ["PinnedOutlet"]

Source = tuple[Repo, str]
"""An input commit, as pachd names it in a commit's provenance."""
_LOOKS = 3
"""So often staged is cleared of what was left there, and looked at again."""


class PinnedOutlet:
    """Lets pachd open each model's commit, and moves the output branch to it."""

    def __init__(self, client: Pachyderm, training: MnistTraining) -> None:
        self._client = client
        self._training = training
        self._branch = places.output_branch(training)
        self._staged = places.staged_branch(training)
        self._shown = OutputBranch(client, self._branch, self._staged)

    async def open(self, attempt: Attempt, evidence: Evidence, ledger: Ledger) -> Place:
        """The AUTO commit to write: one that a crash left open, or a new one.

        Raises:
            InvalidSpecError: The output branch has provenance of its own.
            InputGoneError: The input commit was squashed or dropped meanwhile.
            PinDeniedError: The token may not move the pin.
        """
        place = evidence.attempt["spec"]["input"]
        source = Repo(place["project"], place["repo"]), attempt.commit
        await refuse_declared(self._client, self._branch)
        staged = await self._client.head(self._staged)
        base = await self._base(staged)
        twin = await find_twin(
            self._client, self._training, attempt, ledger, base.id if base else None
        )
        if twin is not None:
            return Place(twin, is_shown=True)
        for _ in range(_LOOKS):
            if staged is None or (base is not None and staged.id == base.id):
                break
            left = await self._adopt(staged, base, attempt, source)
            if left is not None:
                return Place(left)
            before, staged = staged, await self._client.head(self._staged)
            if staged == before:
                break
        if base is None and staged is not None:
            # Nothing of what was given up may come into the history of models.
            await self._client.create_branch(self._branch)
            detail = f"{self._branch} begins with an empty commit; once more"
            raise ConflictError("pachd", "CreateBranch", detail)
        return Place(await self._begin(source, base, staged))

    async def confirm(self, commit: Commit) -> None:
        """Finish nothing that cannot be shown: it would stay beside the branch."""
        staged = await self._client.head(self._staged)
        if staged is not None and commit.id in (staged.id, staged.parent):
            return
        await give_up(self._client, commit, "another one took its place")
        detail = f"{self._staged} moved while {commit.id} was written; once more"
        raise ConflictError("pachd", "FinishCommit", detail)

    async def show(self, commit: Commit) -> None:
        """Move the output branch to a finished commit, in one step."""
        if not await self._is_intact(commit):
            detail = f"two operators wrote commit {commit.id}: it is not shown"
            raise ConflictError("pachd", "ModifyFile", detail)
        await self._shown.show(commit)

    async def _base(self, staged: Commit | None) -> Commit | None:
        """What the output branch shows; the next model stands on it.

        An open head there is a stranger's, or what a plain publication left behind
        before the training was switched. Or it is the head of staged, to which a
        late call of a dead operator moved it.
        """
        shown = await self._client.head(self._branch)
        if shown is None or not has_nothing(shown):
            return shown
        is_ours = model_of(shown, self._training.key) is not None
        is_ours = is_ours or shown.error.startswith(GIVEN_UP)
        is_staged = staged is not None and staged.id == shown.id
        if shown.error:
            is_auto = bool(shown.provenance) and shown.parent is not None
            if not is_auto or not (is_ours or is_staged):
                return shown
        elif not is_ours and not (shown.provenance and is_staged):
            detail = f"{shown.held_open(self._branch)}, and the model is published"
            raise HeadOpenError("pachd", "CreateBranch", detail)
        await self._shown.take_back(shown)
        detail = f"commit {shown.id} was left open on {self._branch}"
        raise ConflictError("pachd", "CreateBranch", detail)

    async def _adopt(
        self, staged: Commit, base: Commit | None, attempt: Attempt, source: Source
    ) -> Commit | None:
        """What a crash left on staged, if it is for this turn and can be shown.

        Or what pachd has refused of this very run.
        """
        parent = base.id if base else None
        if staged.state is CommitState.OPEN:
            return await self._eldest(staged, parent, source)
        ended = await wait_final(self._client, staged)
        if ended is not None and ended.error.startswith(GIVEN_UP):
            return await self._left_below(ended, parent, source)
        model = model_of(ended, self._training.key) if ended else None
        if ended is None or model is None or model.turn != attempt.turn:
            return None
        if not _fits(ended, parent, source):
            return None
        if is_refused(ended, model, attempt):
            return ended
        whole = ended.state is CommitState.FINISHED and await self._is_intact(ended)
        return ended if whole else None

    async def _left_below(
        self, ended: Commit, parent: str | None, source: Source
    ) -> Commit | None:
        """Whoever gave that one up may have died before the one below it."""
        below = await self._client.commit(ended.repo, ended.parent or "")
        if below is None or below.state is not CommitState.OPEN:
            return None
        return await self._eldest(below, parent, source)

    async def _eldest(
        self, head: Commit, parent: str | None, source: Source
    ) -> Commit | None:
        """The one of the open commits on staged that both of two operators take.

        Each of them may have opened one, and then they stand on each other. All
        others are given up.
        """
        commit: Commit | None = head
        while commit is not None and commit.state is CommitState.OPEN:
            if _fits(commit, parent, source):
                return commit
            if not commit.provenance:
                detail = commit.held_open(self._staged)
                raise HeadOpenError("pachd", "CreateBranch", detail)
            above = commit.parent
            await give_up(self._client, commit, "abandoned by a later run")
            commit = await self._client.commit(head.repo, above) if above else None
        return None

    async def _begin(
        self, source: Source, base: Commit | None, staged: Commit | None
    ) -> Commit:
        """Let pachd open a commit for this input commit, on the output branch's head.

        Where staged stands elsewhere it is brought there first, without its
        declaration, so that nothing is opened on the way.
        """
        repo, commit = source
        pin = places.pin_branch(self._training, repo)
        parent = base.id if base else staged.id if staged else None
        if base is not None and (staged is None or staged.id != base.id):
            await self._client.create_branch(self._staged, base.id)
        await move_pin(self._client, pin, commit)
        opened = await self._client.head(self._staged)
        for head in (None, parent):
            # Without a head it is harmless where another operator was faster.
            if opened is None or opened.id == parent:
                await self._client.create_branch(self._staged, head, provenance=[pin])
                opened = await self._client.head(self._staged)
        found = await self._eldest(opened, parent, source) if opened else None
        if found is None:
            detail = f"another operator publishes on {self._staged}"
            raise ConflictError("pachd", "CreateBranch", detail)
        return found

    async def _is_intact(self, commit: Commit) -> bool:
        """Whether its record is the one that its description names."""
        model = read_model(commit)
        record = await self._client.read(commit.repo, commit.id, LINEAGE_FILE)
        if model is None or record is None:
            return False
        return hashlib.sha256(record).hexdigest() == model.lineage_sha256


def _fits(commit: Commit, parent: str | None, source: Source) -> bool:
    """Whether pachd opened it for this input commit, on top of that parent."""
    return commit.parent == parent and commit.provenance == (source,)
