"""A world to decide in: a data team, a cluster that fails, and whoever edits the spec.

The world is made up, in memory and instant. The operators in it are real, see
`model_operator`: what is found here can therefore happen outside.
"""

import asyncio
import hashlib
import json
from collections import defaultdict
from contextvars import copy_context
from datetime import timedelta

from mnist_operator import places, runs
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Entry, read_line
from mnist_operator.ledger import LEDGER_FILE, Ledger
from mnist_operator.lineage import read_model
from mnist_operator.resource import REQUESTED_AT, REQUESTED_COMMIT
from unit.builders import IMAGE, training
from unit.model_kubernetes import ModelKubernetes
from unit.model_pachyderm import ModelPachyderm
from unit.model_turns import GATE, Turns

MODEL = "/my_model.h5"
DATA = "/data/mnist.npz"
_LEDGER = places.ledger_branch(training())
_FINISHED = frozenset({CommitState.FINISHED, CommitState.FINISHING})


class World:
    """Everything but the operators."""

    ledger_place = _LEDGER
    """The branch of the ledger of the training that this is about."""

    def __init__(self, **spec) -> None:
        self.turns = Turns()
        self.pachyderm = ModelPachyderm(self.turns)
        self.kubernetes = ModelKubernetes(self.turns)
        self.loop = asyncio.new_event_loop()
        self.applied = 0
        self.generation = 0
        self.annotations = {}
        self.training = None
        self.spec = {"attempts": {"limit": 2}}
        self.rewound = False
        """Whether the order of the commits is not what it was when they came."""
        self.shared = False
        """Whether two operators have been at work."""
        self._read, self._count = None, 0
        self._ledger, self._entries = Ledger(), []
        self.apply(**spec)
        self.branch = places.input_branch(self.training)
        self.outputs = places.output_branch(self.training)

    # The data team.

    def head(self):
        return self.pachyderm.head_now(self.branch)

    def push(self, what="new"):
        """Begin a commit; its parent's files are in it from the start."""
        name = self.pachyderm.start(self.branch)
        files = self.pachyderm.content[name]
        match what:
            case "new":
                files[DATA] = f"images of {name}".encode()
            case "old":
                files[DATA] = b"the images of last year"
            case "odd":
                files[DATA] = f"odd images of {name}".encode()
            case "readme":
                files["/README.md"] = f"words of {name}".encode()

    def finish(self, error=""):
        self.pachyderm.finish(self.head().id, error)

    def move(self, commit):
        self.rewound = True
        self.pachyderm.heads[self.branch] = commit

    def squash(self, commit):
        if self.pachyderm.holds(commit):
            return  # pachd protects what a model was made of.
        heads, decided = self.pachyderm.heads, self.ledger().decided
        self.rewound |= commit not in decided or heads[self.branch] == commit
        self.pachyderm.remove(commit)

    def inputs(self):
        """Input commits, oldest first."""
        found = self.pachyderm.commits.values()
        return [each for each in found if each.repo == self.branch.repo]

    # Whoever applies the MnistTraining.

    def apply(self, **changes):
        """Create it, or change its spec."""
        before = self.training
        if before is None:
            self.applied, self.generation = self.applied + 1, 0
        if before is None or _merged(self.spec, changes) != self.spec:
            self.generation += 1
        self.rewound |= "startFrom" in changes.get("trigger", {})
        self.spec = _merged(self.spec, changes)
        self._write(before.status if before else {})

    def ask(self, text, commit=""):
        """Request a run; no commit: of the newest one."""
        self.annotations = {REQUESTED_AT: text}
        if commit:
            self.annotations[REQUESTED_COMMIT] = commit
        if self.training is not None:
            self._write(self.training.status)

    def show(self, status):
        """What an operator writes: to whatever has that name by then."""
        if self.training is not None:
            self._write(status)

    def delete(self):
        self.training = None

    def collect_garbage(self):
        self.kubernetes.collect(self.training.uid if self.training else "")

    def _write(self, status):
        made = training(
            uid=f"uid-{self.applied}",
            generation=self.generation,
            status=status,
            **self.spec,
        )
        self.training = made.model_copy(update={"annotations": self.annotations})

    # The cluster.

    def end_job(self, name, code):
        """Its pod exits, after it wrote its model where it may write."""
        if code == 0 and not self.write(self.kubernetes.ever[name], name):
            code = 1
        self.kubernetes.end(name, code)

    def write(self, staging, name):
        commit = self.pachyderm.commits[staging]
        if commit.state is not CommitState.OPEN:
            return False
        data = model_of(self.kubernetes.commit(name), staging)
        listed = [{"path": MODEL, "sha256": hashlib.sha256(data).hexdigest()}]
        manifest = json.dumps({"files": listed, "metrics": {"accuracy": 0.97}})
        self.pachyderm.content[staging] |= {MODEL: data, "/run.json": manifest.encode()}
        return True

    def reaching(self):
        """The TFJobs that run, and can still write: before their fence is up."""
        commits, kubernetes = self.pachyderm.commits, self.kubernetes
        found = [(n, commits[kubernetes.ever[n]]) for n in kubernetes.running()]
        return [name for name, staging in found if staging.state is CommitState.OPEN]

    def haunt(self):
        """A process that nobody knows of any more writes where it was told to."""
        for staging in self.kubernetes.zombies:
            if self.pachyderm.commits[staging].state is CommitState.OPEN:
                self.pachyderm.content[staging][MODEL] = b"half a model"

    def run(self, acting):
        """Wait for something that needs nobody's leave."""
        return self.loop.run_until_complete(acting)

    def begin(self, acting, gate):
        """An operator acts, as far as the gate lets it."""
        context = copy_context()
        context.run(GATE.set, gate)
        return self.loop.create_task(acting, context=context)

    def close(self):
        self.run(self.loop.shutdown_asyncgens())
        self.loop.close()

    def hold_output(self):
        """Somebody else opens a commit on the output branch."""
        self.pachyderm.start(self.outputs, "by hand")

    def release_output(self):
        head = self.pachyderm.head_now(self.outputs)
        if head and head.state is CommitState.OPEN and read_model(head) is None:
            self.pachyderm.finish(head.id)

    def wait(self, seconds):
        self.turns.now += timedelta(seconds=seconds)
        self.pachyderm.settle()
        self.collect_garbage()

    # What can be seen afterwards.

    def models(self):
        """What was published, oldest first: whole commits of ours on the branch."""
        commits = self.pachyderm.ancestry(self.pachyderm.heads.get(self.outputs))
        whole = [c for c in reversed(commits) if c.state in _FINISHED and not c.error]
        return [model for model in map(read_model, whole) if model is not None]

    def lines(self) -> list[Entry]:
        """The ledger, line by line."""
        head = self.pachyderm.heads.get(self.ledger_place)
        text = self.pachyderm.content[head][LEDGER_FILE] if head else b""
        return [read_line(line) for line in text.splitlines()]

    def ledger(self):
        self._read_on()
        return self._ledger

    def entries(self):
        """The lines about commits, without those that only repeat another."""
        self._read_on()
        return self._entries

    def _read_on(self):
        """Lines are only ever appended, so each is read once."""
        head = self.pachyderm.heads.get(self.ledger_place)
        if head == self._read:
            return
        self._read = head
        for line in self.lines()[self._count :]:
            after = self._ledger.extended([line])
            if line.start is None and after.recent != self._ledger.recent:
                self._entries.append(line)
            self._ledger, self._count = after, self._count + 1

    def decisions(self):
        """What was decided about each turn: a commit's own, or a request's."""
        found = defaultdict(list)
        for entry in self.entries():
            found[turn_of(entry)].append(entry)
        return found

    def expected(self):
        """What must be decided: the branch's commits, down to the present start."""
        start = self.ledger().start
        if start is None:
            return []
        found = []
        for commit in self.pachyderm.ancestry(self.pachyderm.heads.get(self.branch)):
            if commit.id == start.commit:
                return [*found, commit] if start.inclusive else found
            old = start.after is not None and commit.started < start.after
            if old and found:
                break
            found.append(commit)  # The head is asked for, however old it is.
            if old:
                break
        return found

    def spec_digest(self):
        return runs.digest(runs.run_spec(self.training, default_image=IMAGE))

    def tell(self):
        """The story so far, for whoever reads a failure."""
        lines = [
            f"{c.repo.name} {c.id[:4]} on {c.parent} {c.state} {c.description}"
            for c in self.pachyderm.commits.values()
        ]
        return "\n".join([*lines, *(line.to_line().decode() for line in self.lines())])


def turn_of(said):
    """What an entry or a model is for: a request, or a commit's turn."""
    return said.request or getattr(said, "input_commit", "") or said.commit


def model_of(commit, staging):
    """What a job writes tells which job it was, and what it read."""
    return f"trained on {commit} by {staging}".encode()


def _merged(spec, changes):
    """As a merge patch, one level deep."""
    found = dict(spec)
    for name, value in changes.items():
        inner = isinstance(value, dict)
        found[name] = (found.get(name) or {}) | value if inner else value
    return found
