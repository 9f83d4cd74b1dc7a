"""What may happen to the model world: each method is a step of a schedule."""

from mnist_operator.commits import CommitState
from unit.builders import ident
from unit.model_operator import Operator
from unit.model_world import World

_NOTHING_HOLDS = {
    "suspend": False,
    "stopAfterFailures": 0,
    "trigger": {"minCommits": 1},
}


class Accidents:
    """Two operators that do not know of each other, and everything that happens."""

    def __init__(self, *, doubts=False, **spec) -> None:
        self.world = World(**spec)
        self.operators = [Operator(self.world, doubts), Operator(self.world, doubts)]
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop()
        self.world.close()

    def end(self):
        """No accident happens any more, and nobody stands in the way."""
        self._stop()
        self.world.turns.fault = ""
        self.world.apply(**_NOTHING_HOLDS)
        self.world.release_output()
        self._finish_head()

    # The data team.

    def push(self, how, what="new"):
        self._finish_head()
        self.world.push(what)
        if how != "open":
            self.world.finish("bad data" if how == "bad" else "")
        if how != "late":
            self.world.pachyderm.settle()

    def rewrite_history(self, which, how):
        found = self.world.inputs()
        if found:
            commit = _one(found, which).id
            (self.world.move if how == "move" else self.world.squash)(commit)

    # The cluster.

    def end_a_job(self, which, code):
        running = self.world.kubernetes.running()
        if running:
            self.world.end_job(_one(running, which), code)

    def start_a_pod(self, which):
        running = self.world.kubernetes.running()
        if running:
            self.world.kubernetes.start(_one(running, which))

    def touch_a_job(self, which, how):
        kubernetes = self.world.kubernetes
        if kubernetes.jobs:
            name = _one(list(kubernetes.jobs), which)
            getattr(kubernetes, how)(name)
        self.world.haunt()

    def wait(self, seconds):
        self.world.wait(seconds)

    def do_well(self, who):
        """One operator's work, and whatever job comes of it, without a fault."""
        for _ in range(3):
            self.work_until_it_waits(who)
            for name in self.world.kubernetes.running():
                self.world.end_job(name, 0)

    # Whoever owns the MnistTraining, and the output branch.

    def apply(self, changes):
        self.world.apply(**changes)

    def ask(self, which):
        """Request a run: of the newest commit, a given one, or one that never was."""
        self.asked += 1
        found = self.world.inputs()
        named = _one(found, which).id if which >= 0 and found else ""
        commit = ident(0xFFFF) if which == -1 else named
        self.world.ask(f"request {self.asked}", commit)

    def recreate(self, at_once, collected, annotated=True):
        self.world.delete()
        if collected:
            self.world.collect_garbage()
        if not annotated:
            self.world.annotations = {}
        if at_once:
            self.world.apply(suspend=False)

    def use_the_output_branch(self, begin):
        self.world.release_output()
        head = self.world.pachyderm.head_now(self.world.outputs)
        if begin and (head is None or head.state is not CommitState.OPEN):
            self.world.hold_output()

    # The operators.

    def work_until_it_waits(self, who):
        operator = self._call(who)
        for _ in range(10):
            if operator.turn():
                return

    def work_so_far(self, who, calls):
        operator = self._call(who)
        if not operator.is_acting:
            operator.look()
        operator.proceed(calls)

    def crash_after(self, who, calls):
        self.work_so_far(who, calls)
        self.operators[who].crash()

    def suffer(self, who, calls, fault):
        """Work, and one of the next calls goes wrong."""
        turns = self.world.turns
        turns.calls_well, turns.fault = calls, fault
        self.work_until_it_waits(who)
        turns.fault = ""

    def look_while_the_other_acts(self, who, calls, after):
        operator, other = self._call(who), self.operators[1 - who]
        operator.proceed()
        turns = self.world.turns
        turns.meanwhile, turns.calls_left = lambda: other.go_on(calls), after
        operator.look()
        turns.calls_left = None

    def _call(self, who):
        self.world.shared |= who > 0
        return self.operators[who]

    def _finish_head(self):
        head = self.world.head()
        if head is not None and head.state is CommitState.OPEN:
            self.world.finish()

    def _stop(self):
        for operator in self.operators:
            operator.crash()


def _one(things, which):
    return things[which % len(things)]
