"""A data gate in a made-up life: who sets it, what it must hold, and who answers.

Data are of two kinds, of which each is within the limits of its own and beyond those
of the other; so what the gate must say of a commit follows from two letters, as in
`unit.model_gate`, and comparing costs no more than the calls that it makes.
"""

from collections import Counter
from fractions import Fraction

from mnist_operator.decisions import Decision, is_release
from mnist_operator.errors import NotFoundError
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT, named_in
from mnist_operator.gate_findings import Figures
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.runs import read_attempt
from unit.model_world import DATA, MODEL, model_of

__all__ = [
    "ODD",
    "GateAudit",
    "KindComparer",
    "answer_hold",
    "change_policy",
    "check_gate",
    "is_at_rest",
    "let_all_go",
    "make_gated",
    "set_gate",
]

ODD = "odd"
"""A push of the other kind."""
_GATES = ("Hold", "Hold", "Hold", "Hold", "Warn")
_POLICIES = (
    {"trigger": {"mode": "LatestOnly", "minCommits": 1}},
    {"concurrencyPolicy": "Replace"},
    {"attempts": {"limit": 1}},
    {"output": {"provenance": "Metadata"}},
    {"suspend": True},
)
_ACCIDENTS = ("trouble", "kill", "kill_more", "stop", "lag", "outage", "join", "ask")
_ENDS = frozenset({Decision.PUBLISHED, Decision.FAILED, Decision.SKIPPED})
_ABOUT_HOLDS = frozenset({Decision.HELD, Decision.WARNED, Decision.RELEASED})


def make_gated(draw, push, accidents):
    """A schedule: a model, a gate, data of both kinds, and answers to what is held.

    `push`: draws how a commit is made; `accidents`: by name, what else may happen.
    """
    found = [(0.0, "stage", 0, 99), (0.0, "gate", draw.choice(_GATES))]
    if draw.random() < 0.3:
        found.append((0.0, "policy", draw.randrange(len(_POLICIES))))
    found.append((0.0, "join"))
    for _ in range(2):
        what = ODD if draw.random() < 0.8 else "new"
        how = "whole" if draw.random() < 0.7 else push(draw)[1]
        found.append((_when(draw, 10.0), "push", how, what))
    found += [
        (_when(draw), "answer", draw.choice((0, 1, 1)), draw.random() < 0.4)
        for _ in range(draw.choice((1, 1, 2)))
    ]
    if draw.random() < 0.3:
        found.append((_when(draw), "gate", draw.choice(("Hold", "Warn", ""))))
    for _ in range(draw.choice((0, 1, 1))):
        what = accidents[draw.choice(_ACCIDENTS)](draw)
        found += [(_when(draw), *each) for each in what]
    return tuple(sorted(found, key=lambda each: each[0]))


def _when(draw, span=40.0):
    return round(span * draw.random(), 3)


def set_gate(world, mode):
    """Somebody sets or edits spec.dataGate; no mode: takes it away."""
    world.gate = world.gate or GateAudit(world)
    world.gate.modes.append(mode)
    gate = {"maxRelabelled": "0.1", "onViolation": mode} if mode else None
    world.apply(dataGate=gate)


def change_policy(world, which):
    """Somebody chooses one of the policies that a gate can meet."""
    world.apply(**_POLICIES[which])


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
    """Which of the two kinds its data is of."""
    return world.pachyderm.content[commit].get(DATA, b"").startswith(b"odd")


class GateAudit:
    """Looks on from outside, in a world where there is or was a gate."""

    def __init__(self, world) -> None:
        self._world = world
        self.modes = []
        """As they were set, one after the other."""
        self.asked = {RELEASE_COMMIT: set(), DISCARD_COMMIT: set()}
        """All commits that somebody ever named."""
        self._ledger, self._read, self._jobs = Ledger(), 0, 0
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
        if set(self.modes) == {"Hold"}:
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
        assert mode in self.modes, f"the gate never was to {mode}"
        assert line.message, "held without a reason"
        if world.orderly and not world.shared:
            assert model is not None, "held before there was a model"
            assert line.gate.base == model.commit, "compared with another commit"
            kinds = kind_of(world, line.gate.base), kind_of(world, line.commit)
            assert kinds[0] != kinds[1], "held, and nothing is wrong with it"

    def _judge_jobs(self):
        """A TFJob in its turn, of a commit that is held by then."""
        world = self._world
        names = list(world.kubernetes.ever.items())
        jobs, self._jobs = self._jobs, len(names)
        for _, staging in names[jobs:]:
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
    assert released <= models | failed | world.gate.asked[DISCARD_COMMIT]


def let_all_go(world):
    """Somebody releases all that is held; says which, to be looked at once they ran."""
    held = {*world.ledger().held}
    world.gate.answer(RELEASE_COMMIT, *held)
    return held
