"""A world to decide in: a data team, a cluster that fails, and operators that crash.

The world is made up, in memory and instant. The operators are real: `Observer`,
`reconcile`, `Performer` and `Publisher` themselves, stopped before any of their
calls. What is found here can therefore happen outside.
"""

import asyncio
import hashlib
import json
from collections import defaultdict
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta

from mnist_operator import runs, summary
from mnist_operator.access import Door
from mnist_operator.commits import CommitState
from mnist_operator.errors import OperatorError
from mnist_operator.ledger import LEDGER_FILE, Entry, Ledger, _read_line
from mnist_operator.lineage import read_model
from mnist_operator.observer import Memory, Observer
from mnist_operator.performer import Performer
from mnist_operator.reconcile import reconcile
from mnist_operator.tfjob import Endpoint
from unit.builders import IMAGE, training
from unit.model_kubernetes import ModelKubernetes
from unit.model_pachyderm import GATE, Gate, ModelPachyderm, Turns

MODEL = "/my_model.h5"
_FINISHED = frozenset({CommitState.FINISHED, CommitState.FINISHING})


class World:
    """Everything but the operators."""

    def __init__(self, **spec) -> None:
        self.turns = Turns()
        self.pachyderm = ModelPachyderm(self.turns)
        self.kubernetes = ModelKubernetes(self.turns)
        self.loop = asyncio.Runner()
        self.applied = 0
        self.training = None
        self.spec = {"attempts": {"limit": 2}} | spec
        self.apply()
        self.branch = runs.input_branch(self.training)
        self.outputs = runs.output_branch(self.training)

    # The data team.

    def head(self):
        return self.pachyderm.head_now(self.branch)

    def push(self):
        self.pachyderm.start(self.branch)

    def finish(self, error=""):
        self.pachyderm.finish(self.head().id, error)

    def move(self, commit):
        self.pachyderm.heads[self.branch] = commit

    def inputs(self):
        """Input commits, oldest first."""
        found = self.pachyderm.commits.values()
        return [each for each in found if each.repo == self.branch.repo]

    # Whoever applies the MnistTraining.

    def apply(self, **spec):
        """Create it, or change its spec."""
        self.spec |= spec
        if self.training is None:
            self.applied += 1
        status = self.training.status if self.training else {}
        uid = f"uid-{self.applied}"
        self.training = training(uid=uid, status=status, **self.spec)

    def delete(self):
        self.kubernetes.collect(self.training.uid)
        self.training = None

    # The cluster.

    def end_job(self, name, code):
        """Its pod exits, after it wrote its model where it may write."""
        if code == 0 and not self.write(self.kubernetes.staging(name), name):
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

    def haunt(self):
        """A process that nobody knows of any more writes where it was told to."""
        for commit in self.pachyderm.commits.values():
            attempt = runs.read_attempt(commit)
            if attempt is None or commit.state is not CommitState.OPEN:
                continue
            name = runs.job_name("mnist", attempt.staging)
            if name in self.kubernetes.ever and name not in self.kubernetes.jobs:
                self.pachyderm.content[commit.id][MODEL] = b"half a model"

    def begin(self, acting, gate):
        """An operator acts, as far as the gate lets it."""
        context = copy_context()
        context.run(GATE.set, gate)
        return self.loop.get_loop().create_task(acting, context=context)

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

    # What can be seen afterwards.

    def models(self):
        """Output commits by input commit: whole ones, ours."""
        found = defaultdict(list)
        for commit in self.pachyderm.commits.values():
            model = read_model(commit)
            if model is not None and commit.state in _FINISHED and not commit.error:
                found[model.input_commit].append(model)
        return found

    def lines(self) -> list[Entry]:
        """The ledger, line by line."""
        head = self.pachyderm.heads.get(runs.ledger_branch(training()))
        text = self.pachyderm.content[head][LEDGER_FILE] if head else b""
        return [_read_line(line) for line in text.splitlines()]

    def decisions(self):
        """What was decided about each commit, as the ledger is read back."""
        found, seen = defaultdict(set), Ledger()
        for line in self.lines():
            if line.commit and line.run not in seen.runs:
                found[line.commit].add(line.decision)
            seen = seen.extended([line])
        return found

    def expected(self):
        """What must be decided: the branch's commits, down to the present start."""
        start = Ledger().extended(self.lines()).start
        if start is None:
            return []
        found = []
        for commit in self.pachyderm.ancestry(self.pachyderm.heads.get(self.branch)):
            if start.after is not None and commit.started < start.after:
                break
            found.append(commit)
            if commit.id == start.commit:
                return found if start.inclusive else found[:-1]
        return found

    def tell(self):
        """The story so far, for whoever reads a failure."""
        lines = [
            f"{c.repo.name} {c.id[:4]} on {c.parent} {c.state} {c.description}"
            for c in self.pachyderm.commits.values()
        ]
        return "\n".join([*lines, *(line.to_line().decode() for line in self.lines())])


def model_of(commit, staging):
    """What a job writes tells which job it was, and what it read."""
    return f"trained on {commit} by {staging}".encode()


@dataclass
class _Access:
    world: World

    async def open(self, training):
        return Door(self.world.pachyderm, Endpoint("s3:1600"))


@dataclass
class Operator:
    """One process of the operator: it can stop before any call, and crash there."""

    world: World
    memory: Memory = field(default_factory=Memory)
    plan: object = None
    _gate: Gate = field(default_factory=Gate)
    _acting: asyncio.Task | None = None

    @property
    def is_acting(self):
        return self._acting is not None

    def look(self):
        """Observe and decide; the calls of the actions are still to come."""
        world = self.world
        if world.training is None:
            return
        observer = Observer(world.kubernetes, _Access(world), default_image=IMAGE)
        try:
            training = world.training
            looking = observer.observe(training, self.memory)
            observed, door = world.loop.run(looking)
        except OperatorError:
            return
        now = world.turns.now
        self.plan = reconcile(observed, now=now)
        if self.plan.actions:
            self._acting = world.begin(self._act(observed, door), self._gate)
        elif world.training is training:
            status = summary.summarize(observed, self.plan.story, now=now).to_json()
            world.training = training.model_copy(update={"status": status})

    async def _act(self, observed, door):
        world = self.world
        performer = Performer(
            world.kubernetes, door, observed, self.memory, lambda: world.turns.now
        )
        for action in self.plan.actions:
            await performer.perform(action)

    def proceed(self, calls=1000):
        """Make the next calls of what was begun."""
        self.world.loop.run(self.go_on(calls))

    async def go_on(self, calls):
        """The same, while others are at it."""
        if self._acting is None:
            return
        self._gate.let(calls)
        for _ in range(10 + 10 * calls):
            if self._acting.done():
                break
            await asyncio.sleep(0)
        await self._end_if_done()

    async def _end_if_done(self):
        if self._acting is not None and self._acting.done():
            with suppress(OperatorError, asyncio.CancelledError):
                await self._acting
            self._acting = None

    def turn(self):
        """Go on with what was begun, or begin something; True when there was none."""
        if not self.is_acting:
            self.look()
        busy = self.is_acting
        self.proceed()
        return not busy

    def crash(self):
        """Lose everything that was in memory."""
        self.world.loop.run(self._die())
        self.memory, self._gate = Memory(), Gate()

    async def _die(self):
        if self._acting is not None:
            self._acting.cancel()
            await asyncio.wait([self._acting])
        await self._end_if_done()


def settle(world, *, turns=300):
    """Let all go well from here: one operator, jobs that succeed, time that passes."""
    operator = Operator(world)
    world.wait(5)
    for _ in range(turns):
        idle = operator.turn()
        for name in world.kubernetes.running():
            world.end_job(name, 0)
            idle = False
        if idle and operator.plan.look_again_at is None:
            return True
        world.wait(5)
    return False
