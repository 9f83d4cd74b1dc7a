"""What each kind of happening does to the world."""

from datetime import timedelta

from mnist_operator.commits import CommitState, Repo
from simulation.gated import answer_hold, change_policy, set_gate
from simulation.process import Trouble
from simulation.promoted import hold_out, request_move, set_promotion
from simulation.schedule import CHANGES
from simulation.stages import find_stage, restore
from simulation.tenants import KINDS, NAMES, Tenant
from simulation.trainers import WELL
from unit.builders import ident

__all__ = ["Happenings"]

_AFTER_FINISH = 3.0
"""Seconds until a commit that was left open for a while is finished."""


class Happenings:
    """Those of one world; each method is a kind of them."""

    def __init__(self, world) -> None:
        self.world = world
        self.asked, self.caller = 0, None
        world.happenings = self

    def happen(self, kind, *arguments):
        """Let it happen now."""
        said = " ".join(str(each) for each in (kind, *arguments))
        self.world.tell_story(f"-- {said}")
        getattr(self, f"_{kind}")(*arguments)
        self.world.look()

    def _stage(self, variant, place):
        """Begin in the middle of a life; see `stages`."""
        world = self.world
        restore(world, find_stage(type(world), variant, place))

    # The data team.

    def _push(self, how, what):
        world = self.world
        self.finish_head()
        world.push(what)
        if how == "open":
            return
        if how == "rejected":
            world.pachyderm.rejects.add(world.head().id)
        error = "bad data" if how == "bad" else ""
        if how == "late":
            commit = world.head().id
            world.loop.call_later(_AFTER_FINISH, self._finish, commit, error)
        else:
            world.finish(error)

    def _finish(self, commit, error):
        found = self.world.pachyderm.commits.get(commit)
        if found is not None and found.state is CommitState.OPEN:
            self.world.pachyderm.finish(commit, error)
            self.world.look()

    def finish_head(self):
        """Whoever left a commit open comes back to it."""
        head = self.world.head()
        if head is not None and head.state is CommitState.OPEN:
            self.world.finish()

    def _complete(self):
        self.finish_head()

    def _history(self, commits, start):
        """So many commits were there before anybody followed the branch."""
        for _ in range(commits):
            self.world.push()
            self.world.finish()
            self.world.pachyderm.settle()
        named = self.world.inputs()[start].id if isinstance(start, int) else start
        self.world.apply(trigger={"startFrom": named})
        self.world.rewound = False  # Nobody has begun to follow it yet.

    def _start(self, start):
        """Somebody asks for other commits, once the branch is followed."""
        self.world.apply(trigger={"startFrom": start})

    def _rewrite(self, which, how):
        world = self.world
        found = world.inputs()
        if not found:
            return
        world.count_fault()
        world.rewrote_at = world.loop.now
        world.rewritten = True
        for tenant in world.tenants[1:]:
            tenant.rewound = tenant.rewritten = True
        if how == "branch":
            world.rewound = True
            world.pachyderm.heads.pop(world.branch, None)
            return
        commit = _one(found, which).id
        if world.branch not in world.pachyderm.heads:
            how = "move"  # Whoever deleted it makes it again.
        (world.move if how == "move" else world.squash)(commit)

    def _spoil(self, which):
        """pachd finds fault with the next commits that it finishes in a repo."""
        outputs = self.world.outputs.repo
        runs = Repo(outputs.project, f"{outputs.name}_runs")
        self.world.count_fault()
        self.world.pachyderm.spoiled.add((outputs, runs)[which])

    def _burden(self, seconds):
        """From here on pachd takes up to so long to finish a commit."""
        self.world.pachyderm.finish_seconds = seconds

    def _occupy(self, seconds):
        """Somebody writes on the output branch by hand."""
        world = self.world
        head = world.pachyderm.head_now(world.outputs)
        if head is None or head.state is not CommitState.OPEN:
            world.hold_output()
            world.loop.call_later(seconds, world.release_output)

    # Whoever owns the MnistTraining.

    def _apply(self, which):
        self.world.apply(**CHANGES[which])

    def _edit(self, changes):
        self.world.apply(**changes)

    def _gate(self, mode):
        set_gate(self.world, mode)

    def _policy(self, which):
        change_policy(self.world, which)

    def _answer(self, which, discard):
        answer_hold(self.world, which, discard=discard)

    def _promotion(self, mode):
        set_promotion(self.world, mode)

    def _compares(self, kind):
        """From here on models are like that, beside the one in production."""
        if self.world.promotions is not None:
            self.world.promotions.compares = kind

    def _move(self, kind, which, forced):
        request_move(self.world, kind, which, forced)

    def _by_hand(self, which):
        if self.world.promotions is not None:
            self.world.count_fault()
            self.world.promotions.move_by_hand(which)

    def _hold_out(self):
        hold_out(self.world)

    def _ask(self, which):
        self.asked += 1
        self.world.asked_at = self.world.loop.now
        found = self.world.inputs()
        named = _one(found, which).id if which >= 0 and found else ""
        commit = ident(0xFFFF) if which == -1 else named
        self.world.ask(f"request {self.asked}", commit)

    def _recreate(self, at_once, annotated):
        world = self.world
        if world.training is None:
            return
        if not annotated:
            world.annotations = {}
        world.returns = at_once
        world.delete()
        world.tenants[0].orderly = False

    def _found(self, kind, which):
        """Somebody creates another one."""
        world, name = self.world, _one(NAMES, which)
        if all(each.name != name for each in world.tenants):
            spec = KINDS[kind] | {"attempts": {"limit": 2, "backoffSeconds": 10}}
            new = Tenant(world, name, **spec)
            new.rewound = new.rewritten = world.rewritten  # Before it came.
            world.tenants.append(new)
            new.audit.look()

    def _among(self, which, kind, *arguments):
        """It happens to one of the others."""
        world = self.world
        if len(world.tenants) > 1:
            self.world = _one(world.tenants[1:], which)
            try:
                getattr(self, f"_{kind}")(*arguments)
            finally:
                self.world = world

    # The cluster.

    def _touch(self, which, how):
        kubernetes = self.world.kubernetes
        found = list(kubernetes.jobs)
        if found:
            self.world.count_fault()
            getattr(kubernetes, how)(_one(found, which))

    def _at_call(self, who, after, *what):
        """Let it happen when a process makes its so manieth call from now."""
        process = self._process(who)
        if process is not None:
            process.due.append((process.calls + after, what))

    def _fail(self):  # From here on trainers fail for good.
        self.world.fates = (1,)

    def _fare(self, how, seconds):
        """From here on this becomes of them, and they take so long at least."""
        world = self.world
        world.fates, world.lasts = (how,), seconds
        world.does_well = how in WELL

    def _linger(self, seconds):
        """From here on they do well, and take so long at least."""
        self._fare(0, seconds)

    def _outage(self, service, seconds):
        self.world.count_fault()
        self.world.down[service] = self.world.loop.now + seconds

    def _deny(self, name, seconds):
        """The right to make a call is taken away, for so long."""
        self.world.count_fault()
        self.world.denied[name] = self.world.loop.now + seconds

    def _slow(self, seconds, turn):
        """The machine is busy: each turn of the loop takes so long, for a while."""
        self.world.orderly = False
        self.world.count_fault()
        loop = self.world.loop
        loop.slow_until, loop.turn_seconds = loop.now + seconds, turn

    # The operators.

    def _join(self):
        """A second one starts."""
        if sum(each.alive for each in self.world.processes) < 2:
            self.world.start_process()

    def _kill(self, who, pause):
        process = self._process(who)
        if process is not None:
            self.world.count_fault()
            self.world.kill(process, pause)

    def _trouble(self, who, kind, after, call=""):
        process = self._process(who)
        if process is not None:
            self.world.orderly &= kind not in {"late", "twice", "stopped"}
            process.troubles.append(Trouble(kind, after, call))

    def _stop(self, who, seconds):
        if process := self._disturb(who):
            process.stopped_until = self.world.loop.now + seconds

    def _deafen(self, who, seconds):
        if process := self._disturb(who):
            process.deafen(seconds)

    def _ignore(self, who, seconds):
        """Wake-ups get lost, and nothing makes up for them."""
        if process := self._disturb(who):
            process.ignores_until = self.world.loop.now + seconds

    def _lag(self, who, seconds):
        if process := self._disturb(who):
            process.read_stale(seconds)

    def _skew(self, who, seconds):
        if process := self._disturb(who):
            process.skew = timedelta(seconds=seconds)

    def _disturb(self, who):
        """One that does not see things as they are any more."""
        process = self._process(who)
        if process is not None:
            self.world.orderly = False
            self.world.count_fault()
        return process

    def _process(self, who):
        """One that is alive, the newest first; or "it", whose call it is."""
        if who == "it":
            return self.caller if self.caller.alive else None
        alive = [each for each in self.world.processes if each.alive]
        return _one(alive[::-1], who) if alive else None


def _one(things, which):
    return things[which % len(things)]
