"""A pachd in a dictionary, for tests of how a model reaches the output branch."""

import hashlib
from dataclasses import replace

from mnist_operator import places
from mnist_operator.commits import CommitState
from mnist_operator.errors import ConflictError, HeadOpenError
from mnist_operator.evidence import LINEAGE_FILE
from mnist_operator.ledger import Ledger
from mnist_operator.outlet_pinned import PinnedOutlet
from mnist_operator.runs import canonical
from unit.builders import attempt, ident, training
from unit.evidence import evidence
from unit.model_pachyderm import ModelPachyderm

TRAINING = training()
INPUT = places.input_branch(TRAINING)
OUTPUT = places.output_branch(TRAINING)
STAGED = places.staged_branch(TRAINING)
PIN = places.pin_branch(TRAINING)


class Pachd(ModelPachyderm):
    """What a test of one outlet does in it besides."""

    def push(self):
        """Train data, finished."""
        name = self.start(INPUT)
        self.finish(name)
        self.settle()
        return name

    def strange(self):
        """A commit of somebody else on the output branch."""
        name = self.start(OUTPUT, "by hand")
        self.finish(name)
        self.settle()
        return name

    def fill(self, commit, of, *, record=b"{}", named=None):
        """Finish a commit of ours, with a record, or with another's description."""
        sha256 = hashlib.sha256(record if named is None else named).hexdigest()
        described = {
            "kind": "mnist-operator/model",
            "training": of.training,
            "inputRepo": "default/inputrepo",
            "inputBranch": "master",
            "inputCommit": of.commit,
            "request": of.request,
            "run": of.staging,
            "attempt": 1,
            "tfjob": "mnist-1",
            "image": "trainer:1",
            "specSha256": of.digest,
            "lineageSha256": sha256,
        }
        self.content[commit] = {LINEAGE_FILE: record}
        text = canonical(described).decode()
        found = replace(self.commits[commit], description=text)
        self.commits[commit] = replace(found, finishing=self.turns.now)
        self.settle()
        return self.commits[commit]

    def shown(self):
        """What the output branch shows, newest first."""
        return [each.id for each in self.ancestry(self.heads.get(OUTPUT))]


def run_for(source, number=1):
    return attempt(commit=source, staging=ident(0xA000 + number))


async def publish(pachd, of, outlet=PinnedOutlet):
    """Open, fill and show: one model; looked at again where that is asked for."""
    way = outlet(pachd, TRAINING)
    try:
        place = await way.open(of, evidence(), Ledger())
    except HeadOpenError:
        raise
    except ConflictError:
        place = await way.open(of, evidence(), Ledger())
    commit = place.commit
    if commit.state is CommitState.OPEN:
        commit = pachd.fill(commit.id, of)
    if not place.is_shown:
        await way.show(commit)
    return commit.id


async def finished(pachd, of):
    """A model's commit that is finished, and not shown yet."""
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    return pachd.fill(begun.id, of)


def after_its_move(pachd, happen):
    """What comes of that as soon as the output branch was moved."""
    found, move = [], pachd.create_branch

    async def stand_still(branch, head=None, **options):
        await move(branch, head, **options)
        if branch == OUTPUT and not found:
            found.append("on its way")
            found[0] = await happen()

    pachd.create_branch = stand_still
    return found
