"""What may happen to the model world: each method is a step of a schedule."""

from mnist_operator.commits import CommitState
from unit.model_world import Operator, World


class Accidents:
    """Two operators that do not know of each other, and everything that happens."""

    def __init__(self) -> None:
        self.world = World()
        self.operators = [Operator(self.world), Operator(self.world)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop()
        self.world.loop.close()

    def end(self):
        """No accident happens any more, and nobody stands in the way."""
        self._stop()
        self.world.apply(suspend=False)
        self.world.release_output()
        self._finish_head()

    # The data team.

    def push(self, how):
        self._finish_head()
        self.world.push()
        if how != "open":
            self.world.finish("bad data" if how == "bad" else "")
        if how != "late":
            self.world.pachyderm.settle()

    def rewrite_history(self, which, how):
        found = self.world.inputs()
        if found and how == "move":
            self.world.move(_one(found, which).id)
        elif found:
            self.world.pachyderm.remove(_one(found, which).id)

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
            (kubernetes.vanish if how == "vanish" else kubernetes.mark_deleted)(name)
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

    def apply(self, suspend, epochs):
        parameters = {"parameters": {"epochs": epochs}}
        self.world.apply(suspend=suspend, trainer=parameters)

    def start_from(self, asked):
        self.world.apply(trigger={"startFrom": asked})

    def recreate(self, at_once):
        if self.world.training:
            self.world.delete()
        if at_once:
            self.world.apply(suspend=False)

    def use_the_output_branch(self, begin):
        self.world.release_output()
        head = self.world.pachyderm.head_now(self.world.outputs)
        if begin and (head is None or head.state is not CommitState.OPEN):
            self.world.hold_output()

    # The operators.

    def work_until_it_waits(self, who):
        for _ in range(10):
            if self.operators[who].turn():
                return

    def work_so_far(self, who, calls):
        operator = self.operators[who]
        if not operator.is_acting:
            operator.look()
        operator.proceed(calls)

    def crash_after(self, who, calls):
        self.work_so_far(who, calls)
        self.operators[who].crash()

    def look_while_the_other_acts(self, who, calls, after):
        turns, other = self.world.turns, self.operators[1 - who]
        self.operators[who].proceed()
        turns.meanwhile, turns.calls_left = lambda: other.go_on(calls), after
        self.operators[who].look()
        turns.calls_left = None

    def _finish_head(self):
        head = self.world.head()
        if head is not None and head.state is CommitState.OPEN:
            self.world.finish()

    def _stop(self):
        for operator in self.operators:
            operator.crash()


def _one(things, which):
    return things[which % len(things)]
