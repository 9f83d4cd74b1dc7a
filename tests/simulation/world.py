"""Everything around the operators, in simulated time; one source of chance for all.

What users and trainers do is `unit.model_world`'s; when, and who is told of it and
when, is here. After each effect of each call the invariants are checked.
"""

from contextlib import suppress

from mnist_operator import places
from mnist_operator.commits import CommitState
from mnist_operator.errors import OperatorError
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import read_model
from mnist_operator.tfjob import TRAINING_LABEL
from simulation.audit import Audit
from simulation.clock import Clock
from simulation.cluster import Cluster
from simulation.holding import NAME, NAMESPACE, Holding
from simulation.loop import SimulatedLoop
from simulation.pachd import SimulatedPachyderm
from simulation.process import Process
from simulation.trainers import finish
from simulation.trespass import Trespass
from unit.builders import training
from unit.model_world import MODEL

__all__ = ["NAME", "NAMESPACE", "SimulatedWorld"]

_WHOLE = frozenset({CommitState.FINISHED, CommitState.FINISHING})
_FATES = (0, "fast", "fast", "fast", "fast", 1, 3, 137, 143, "lost", "hangs")
_GOOD = (0, "fast")


class SimulatedWorld(Holding):
    """`random` decides all that is left open; `trace`: tell the story."""

    lists = False
    """Whether all first looks begin with what was listed."""
    lasts = 0.0
    """Seconds that each trainer takes at least."""
    does_well = False
    """Whether each one that takes so long does well."""
    asked_at = 0.0
    """When somebody last asked for a run."""
    joined_at = 0.0
    """When the last process of an operator was started."""
    rewrote_at = 0.0
    """When somebody last moved the input branch, or took a commit away."""
    came_late = "", 0.0
    """The last call that arrived late, and when."""

    def __init__(self, random, *, trace=False, **spec) -> None:
        self.random = random
        self.loop = SimulatedLoop()
        self.tenants = [self]
        """This training, and all others."""
        self.trespass = Trespass(self)
        self.turns = Clock(self.loop)
        self.pachyderm = SimulatedPachyderm(self.turns, world=self)
        self.kubernetes = Cluster(self)
        self.processes = []
        self.story = [] if trace else None
        self.faults = 0
        self.writes = 0
        """Calls so far that were to change something."""
        self.on_write = None
        """What is called after each of them."""
        self.down, self.denied = {"pachd": 0.0, "kubernetes": 0.0}, {}
        """Until when each service answers nobody, and each call may not be made."""
        self.looked_at = 0.0
        """When the look began on which the call rests that takes effect now."""
        self.orderly = True
        """Whether there is one operator, and it sees things as they are."""
        self.fates = _FATES
        self.pace = 0.1 if random.random() < 0.8 else 1.0
        """How many calls take time."""
        self.audit = Audit(self)
        self.bodies = {}
        self._remember_nothing()
        self._find_places(training())
        self.apply(**spec)

    def _find_places(self, made):
        """Where this training reads and writes; it stays there."""
        self.branch = places.input_branch(made)
        self.outputs = places.output_branch(made)
        self.runs = places.run_repo(made)

    def _remember_nothing(self):
        """No MnistTraining yet, and nothing read."""
        self.spec = {"attempts": {"limit": 2, "backoffSeconds": 10}}
        self.annotations, self.training = {}, None
        self.applied = self.generation = self._versions = 0
        self.changed_at = 0.0
        """When the spec was changed last."""
        self.rewound = self.shared = self.returns = self.rewritten = False
        self._read, self._count = None, 0
        self._ledger, self._entries, self._models = Ledger(), [], {}
        self._looked = self._made = None
        self.gate = None
        """Who looks on, once there is a data gate."""

    # Chance.

    def latency(self):
        """Seconds that a call is under way; mostly none, so that looks are whole."""
        drawn = self.random.random()
        if drawn > self.pace:
            return 0.0
        return 0.02 * drawn if drawn < self.pace * 0.9 else 3.0 * self.random.random()

    def delay(self):
        """Seconds until an event is heard of."""
        drawn = self.random.random()
        return 0.02 * drawn if drawn < 0.9 else 3.0 * self.random.random()

    def fate(self):
        """What becomes of a job's pod: an exit code, or something worse."""
        return self.random.choice(self.fates)

    def training_seconds(self):
        return self.lasts + 20.0 * self.random.random()

    # Processes.

    def start_process(self):
        process = Process(self, len(self.processes))
        self.processes.append(process)
        self.joined_at = self.loop.now
        alive = sum(each.alive for each in self.processes)
        self.shared |= alive > 1
        self.orderly &= alive < 2
        if self.shared:
            # Of two operators one may record the failure, while the other tries once
            # more and publishes: then both lines are there.
            self.pachyderm.finds_no_fault()
        return process

    def kill(self, process, pause=1.0):
        """Kill -9; somebody starts another one, if none is left."""
        process.kill()
        self.loop.call_later(pause, self._restart)

    def _restart(self):
        if not any(each.alive for each in self.processes):
            self.start_process()

    def meet(self, process):
        """Let happen what was to happen at this call of a process."""
        due = [each for each in process.due if each[0] <= process.calls]
        process.due = [each for each in process.due if each[0] > process.calls]
        for _, what in due:
            self.happenings.caller = process
            self.happenings.happen(*what)

    def count_fault(self):
        self.faults += 1

    def note(self, process, what):
        if self.story is not None:
            self.story.append(f"{self.loop.now:9.3f} operator {process.number}: {what}")

    def tell_story(self, what):
        if self.story is not None:
            self.story.append(f"{self.loop.now:9.3f} {what}")

    def arrive_late(self, service, name, effect):
        if self.down[service] <= self.loop.now:
            self.tell_story(f"{name} arrives late")
            self.came_late = name, self.loop.now
            self.repeat(effect)
            self.look()

    @staticmethod
    def repeat(effect):
        with suppress(OperatorError):
            effect()

    # What is told to whom.

    def look(self):
        """After anything that may have changed Pachyderm."""
        pachyderm = self.pachyderm
        head = pachyderm.head_now(self.branch)
        seen = head and (head.id, head.state)
        if seen != self._looked:
            self._looked = seen
            for process in self.processes:
                process.feeds.moved(self.branch)
        for tenant in self.tenants:
            tenant.audit.look()
        if len(self.tenants) > 1:
            self.trespass.look()
        if self.promotions is not None:
            self.audit.look_at(self.promotions.look)

    def tell_all(self, kopf):
        """A list: all that is there."""
        for body in self.bodies.values():
            kopf.queue(kopf.hear_training, body)
        for body in self.kubernetes.jobs.values():
            if TRAINING_LABEL in body["metadata"]["labels"]:
                kopf.queue(kopf.hear_job, body)

    def tell_job(self, body, *, gone=False):
        for process in self.processes:
            process.kopf.queue_event(process.kopf.hear_job, body, gone)

    def tell_event(self, body):
        """Somebody may read it."""

    def _tell_training(self, body, *, gone=False):
        for process in self.processes:
            process.kopf.queue_event(process.kopf.hear_training, body, gone)

    def models(self):
        """What was published; what a description says is read once."""
        head = self.pachyderm.heads.get(self.outputs)
        found = [self._read_model(c) for c in reversed(self.pachyderm.ancestry(head))]
        key = f"{NAMESPACE}/{self.name}"
        return [each for each in found if each is not None and each.training == key]

    def reaching(self):
        found = super().reaching()
        return [each for each in found if each.rpartition("-")[0] == self.name]

    def _read_model(self, commit):
        if commit.error or commit.state not in _WHOLE:
            return None
        key = commit.id, commit.description
        if key not in self._models:
            self._models[key] = read_model(commit)
        return self._models[key]

    # All who live in it.

    def tenant_of(self, name):
        """The one of that name."""
        return next((each for each in self.tenants if each.name == name), self)

    def show_of(self, name, status):
        """What an operator writes about any of them."""
        return self.tenant_of(name).show_at(name, status)

    def hold_any(self, uid, *, held):
        for tenant in self.tenants:
            tenant.hold(uid, held=held)

    def living(self):
        """The uids of the MnistTrainings that are there."""
        there = (each.training for each in self.tenants)
        return {each.uid for each in there if each is not None}

    # Trainers.

    def end_job(self, name, code, how=""):
        super().end_job(name, code)
        finish(self, name, how)
        if code and self.random.random() < 0.5:
            self.haunt_one(self.kubernetes.ever[name])

    def haunt_one(self, staging):
        """A process that nobody knows of any more writes where it was told to."""
        commit = self.pachyderm.commits.get(staging)
        if commit is not None and commit.state is CommitState.OPEN:
            self.pachyderm.content[staging][MODEL] = b"half a model"

    def behave(self):
        """From here on trainers do well."""
        self.fates = _GOOD
