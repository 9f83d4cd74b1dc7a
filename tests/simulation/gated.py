"""A data gate in a made-up life: who sets it, what it must hold, and who answers.

Data are of two kinds, of which each is within the limits of its own and beyond those
of the other; so what the gate must say of a commit follows from two letters, as in
`unit.model_gate`, and comparing costs no more than the calls that it makes.
"""

from collections import Counter
from fractions import Fraction

from mnist_operator.decisions import SUPERSEDED, Decision, is_release
from mnist_operator.errors import NotFoundError
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT, named_in
from mnist_operator.gate_findings import Figures
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.runs import read_attempt
from unit.model_world import DATA, MODEL, model_of

__all__ = [
    "ODD",
    "POLICIES",
    "GateAudit",
    "KindComparer",
    "answer_hold",
    "change_policy",
    "check_gate",
    "is_at_rest",
    "let_all_go",
    "set_gate",
]

ODD = "odd"
"""A push of the other kind."""
POLICIES = (
    {"trigger": {"mode": "LatestOnly", "minCommits": 1}},
    {"concurrencyPolicy": "Replace"},
    {"attempts": {"limit": 1}},
    {"output": {"provenance": "Metadata"}},
    {"suspend": True},
    {"concurrencyPolicy": "Allow", "maxParallel": 2},
    {"concurrencyPolicy": "Allow", "maxParallel": 2},
)
"""Those that a gate can meet."""
_ENDS = frozenset({Decision.PUBLISHED, Decision.FAILED, Decision.SKIPPED})
_ABOUT_HOLDS = frozenset({Decision.HELD, Decision.WARNED, Decision.RELEASED})


def set_gate(world, mode):
    """Somebody sets or edits spec.dataGate; no mode: takes it away."""
    world.gate = world.gate or GateAudit(world)
    world.gate.modes.append(mode)
    gate = {"maxRelabelled": "0.1", "onViolation": mode} if mode else None
    world.apply(dataGate=gate)


def change_policy(world, which):
    """Somebody chooses one of the policies that a gate can meet."""
    world.apply(**POLICIES[which])


def answer_hold(world, which, *, discard):
    """Somebody names one of those that are held; the annotation stays."""
    held = [*world.ledger().held]
    if held and world.training is not None:
        name = DISCARD_COMMIT if discard else RELEASE_COMMIT
        world.gate.answer(name, held[which % len(held)])


class KindComparer:
    """In place of the operator's, which reads archives."""

    def __init__(self, world) -> None:
        self._world = world

    async def compare(self, client, repo, base, commit, path):
        """Half of the labels differ, or none."""
        await client.files(repo, commit)
        try:
            await client.files(repo, base)
        except NotFoundError:
            return Figures(fault=f"commit {base} is gone from {repo}")
        kinds = {kind_of(self._world, each) for each in (base, commit)}
        return Figures(10, 10, 5 * (len(kinds) - 1), 0, Fraction())


def kind_of(world, commit):
    """Which of the two kinds its data is of, or was."""
    files = world.pachyderm.content.get(commit)
    if files is None:
        return world.gate.kinds[commit]
    return files.get(DATA, b"").startswith(b"odd")


class GateAudit:
    """Looks on from outside, in a world where there is or was a gate."""

    def __init__(self, world) -> None:
        self._world = world
        self.modes = []
        """As they were set, one after the other."""
        self.asked = {RELEASE_COMMIT: set(), DISCARD_COMMIT: set()}
        """All commits that somebody ever named."""
        self._ledger, self._read, self._jobs = Ledger(), 0, 0
        self.kinds = {}
        """Of which kind the data of each input commit was."""
        self._held = set()
        """Of which the lines say that they are held, or released, and not more."""

    def answer(self, name, *commits):
        """Somebody writes an annotation."""
        world = self._world
        self.asked[name].update(commits)
        world.annotations = world.annotations | {name: ",".join(commits)}
        world.apply()

    def check(self):
        """At any time: one end for each commit, and nothing of what is held."""
        world, ledger = self._world, self._world.ledger()
        self.kinds |= {each.id: kind_of(world, each.id) for each in world.inputs()}
        by_hand = "request"
        ends = Counter(
            each.commit
            for each in world.entries()
            if each.decision in _ENDS and not each.request.startswith(by_hand)
        )
        models = world.models()
        published = Counter((each.input_commit, each.request) for each in models)
        assert world.shared or [] == [c for c, many in ends.items() if many > 1]
        assert [] == [turn for turn, many in published.items() if many > 1]
        assert not ledger.decided & {*ledger.held, *ledger.released}
        for model in models:
            files = world.pachyderm.content[model.commit]
            assert model_of(model.input_commit, model.run) == files[MODEL]
            assert LINEAGE_FILE in files
            is_free = model.request.startswith(by_hand)
            assert is_free or model.input_commit not in ledger.held, "trained, and held"
        self._judge_lines(world.lines())
        told = {*ledger.held, *ledger.released}
        assert world.shared or told == self._held, "what was held is lost"
        self._judge_jobs()
        if set(self.modes) == {"Hold"} and world.spec.get("maxParallel", 1) == 1:
            self._check_kinds(models)

    def _judge_lines(self, lines):
        """Each once: what was it compared with, and who said that it may go?"""
        read, self._read = self._read, len(lines)
        for each in lines[read:]:
            if each.decision in _ABOUT_HOLDS:
                self._judge_line(each)
            named = self.asked[DISCARD_COMMIT]
            assert each.reason != "Discarded" or each.commit in named, "not discarded"
            if each.decision is Decision.HELD:
                self._held.add(each.commit)
            elif each.decision in _ENDS:
                self._held.discard(each.commit)
            self._ledger = self._ledger.extended([each])

    def _judge_line(self, line):
        world, model = self._world, self._ledger.published
        if line.decision is Decision.RELEASED:
            assert line.commit in self.asked[RELEASE_COMMIT], "nobody has released it"
            return
        mode = "Hold" if line.decision is Decision.HELD else "Warn"
        certain = world.orderly and not (world.shared or world.rewritten)
        if mode == "Hold" and certain:
            waiting = [each.id for each in world.expected()][::-1]
            older = waiting[: waiting.index(line.commit)]
            open_ones = [each for each in older if self._ledger.is_open(each)]
            assert [] == open_ones, "held before its turn"
            recent = self._ledger.recent
            stopped = [e for e in recent if e.reason == SUPERSEDED and e.run]
            is_named = any(line.commit in each.message for each in stopped)
            assert not is_named, "a run made way for what is held"
        assert mode in self.modes, f"the gate never was to {mode}"
        assert line.message, "held without a reason"
        if world.orderly and not world.shared:
            assert model is not None, "held before there was a model"
            assert line.gate.base == model.commit, "compared with another commit"
            kinds = kind_of(world, line.gate.base), kind_of(world, line.commit)
            is_gone = line.gate.base in world.pachyderm.gone
            assert is_gone or kinds[0] != kinds[1], "held, and nothing is wrong with it"

    def _judge_jobs(self):
        """A TFJob in its turn, of a commit that is held by then."""
        world = self._world
        names = list(world.kubernetes.ever.items())
        jobs, self._jobs = self._jobs, len(names)
        for name, staging in names[jobs:]:
            if name.rpartition("-")[0] != world.name:
                continue
            attempt = read_attempt(world.pachyderm.commits[staging])
            certain = world.orderly and not world.shared and not attempt.request
            held = self._ledger.held
            assert not (certain and attempt.commit in held), "a TFJob of what is held"

    def _check_kinds(self, models):
        """In its turn comes a model of the kind of the one before, or the first."""
        before = None
        for model in models:
            kind = kind_of(self._world, model.input_commit)
            wanted = {None, kind} if not model.request else {None, kind, not kind}
            assert before in wanted, "trained, though it is to be held"
            before = kind


def is_at_rest(world):
    """Whether each commit is decided or held, and the status says so."""
    ledger = world.ledger()
    waiting = [each.id for each in world.expected() if ledger.is_open(each.id)]
    if waiting or ledger.released:
        return False
    names = RELEASE_COMMIT, DISCARD_COMMIT
    named = {each for name in names for each in named_in(world.annotations, name)}
    is_answered = not named & {*ledger.held}
    return is_answered and world.training.status.get("pendingCommits") == len(
        ledger.held
    )


def check_gate(world):
    """In the end: what is held is told, with its reason, and nothing else waits."""
    world.gate.check()
    ledger, status = world.ledger(), world.training.status
    told = [(each["commit"], bool(each["message"])) for each in status["held"]]

    assert [(each, True) for each in [*ledger.held][::-1][:10]] == told
    assert len(ledger.held) == status["pendingCommits"]
    models = {each.input_commit for each in world.models()}
    failed = {e.commit for e in world.entries() if e.decision is Decision.FAILED}
    released = {e.commit for e in world.entries() if is_release(e.request)}
    gone = {*world.pachyderm.gone}
    assert released <= models | failed | gone | world.gate.asked[DISCARD_COMMIT]


def let_all_go(world):
    """Somebody releases all that is held; says which, to be looked at once they ran."""
    held = {*world.ledger().held}
    world.gate.answer(RELEASE_COMMIT, *held)
    return held
