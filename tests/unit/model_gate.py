"""The model world behind a data gate: two kinds of data, and who lets what go on.

Data of one kind is within the limits of all other data of that kind; from the one
kind to the other, half of the labels change. So what the gate must say of a commit
follows from two letters, without any comparing.
"""

from collections import defaultdict

from mnist_operator.decisions import Decision
from mnist_operator.gate_answers import DISCARD_COMMIT, RELEASE_COMMIT
from unit.data_archives import dataset
from unit.model_accidents import Accidents
from unit.model_checks import without_times
from unit.model_operator import Operator, settle
from unit.model_world import DATA, MODEL, model_of

_ENDS = frozenset({Decision.PUBLISHED, Decision.FAILED, Decision.SKIPPED})
_LABELS = {"A": (0,) * 8, "B": (0, 1) * 4}


class GatedAccidents(Accidents):
    """The same accidents, with data that can be compared, and answers to a hold."""

    def __init__(self, *, mode="Hold", **spec) -> None:
        gate = {"maxRelabelled": "0.1", "onViolation": mode}
        super().__init__(doubts=False, dataGate=gate, **spec)
        self.kinds = {}
        """By commit: which of the two kinds its data is of."""

    def push_data(self, how, kind):
        """One image of its own tells each commit from all others."""
        self._finish_head()
        name = self.world.pachyderm.start(self.world.branch)
        self.kinds[name] = kind
        labels = enumerate(_LABELS[kind])
        samples = [*labels, (1000 + len(self.kinds), 0)]
        files = self.world.pachyderm.content[name]
        files[DATA] = dataset(samples).getvalue()
        if how != "open":
            self.world.finish("bad data" if how == "bad" else "")
        if how != "late":
            self.world.pachyderm.settle()

    def discard(self, which):
        self.let_go(which, discard=True)

    def let_go(self, which, *, discard=False):
        """Somebody answers one of the holds, or all of them."""
        held = [*self.world.ledger().held]
        named = held if which is None else held[which % len(held) :][:1] if held else []
        annotation = DISCARD_COMMIT if discard else RELEASE_COMMIT
        self.world.annotations = self.world.annotations | {annotation: ",".join(named)}
        if self.world.training is not None:
            self.world._write(self.world.training.status)


def check_at_any_time(accidents):
    """One end for each commit; what is held has none, and no run of its own."""
    world = accidents.world
    ends = defaultdict(list)
    for entry in world.entries():
        if entry.decision in _ENDS and not entry.request.startswith("request"):
            ends[entry.commit].append(entry)
    published = [(m.input_commit, m.request) for m in world.models()]
    ledger = world.ledger()

    assert [] == [said for said in ends.values() if len(said) > 1], world.tell()
    assert len(published) == len(set(published)), world.tell()
    assert not ledger.decided & {*ledger.held, *ledger.released}, world.tell()
    for model in world.models():
        files = world.pachyderm.content[model.commit]
        assert model_of(model.input_commit, model.run) == files[MODEL]


def check_kinds(accidents):
    """In its turn a commit is published after a model of its own kind, or the first."""
    kinds, before = accidents.kinds, None
    for model in accidents.world.models():
        kind = kinds[model.input_commit]
        if not model.request:
            assert before in {None, kind}, accidents.world.tell()
        before = kind


def play(*schedule, mode="Hold", **spec):
    """Let it happen; let it settle; release what is held, and let that settle."""
    with GatedAccidents(mode=mode, **spec) as accidents:
        for name, *arguments in schedule:
            getattr(accidents, name)(*arguments)
            check_at_any_time(accidents)
        accidents.end()
        _check_rest(accidents)
        is_hold = mode == "Hold"
        if is_hold:
            check_kinds(accidents)
        accidents.let_go(None)
        held = {*accidents.world.ledger().held}
        _check_rest(accidents)
        ledger = accidents.world.ledger()
        trained = {m.input_commit for m in accidents.world.models()}

        # What comes after a model of the other kind is held in its turn.
        assert not held & {*ledger.held}, accidents.world.tell()
        assert held <= trained, accidents.world.tell()
        return accidents.world


def _check_rest(accidents):
    """All is decided or held, and told so; and a restart changes nothing."""
    world = accidents.world
    operator = settle(world)
    assert operator is not None, world.tell()
    check_at_any_time(accidents)
    ledger, status = world.ledger(), operator.status
    waiting = [each.id for each in world.expected() if ledger.is_open(each.id)]
    told = [each["commit"] for each in status["held"]]

    assert [] == waiting == [*ledger.released], world.tell()
    assert [*ledger.held][::-1][:10] == told
    assert len(ledger.held) == status["pendingCommits"]
    world.show({})
    fresh = Operator(world)
    fresh.look()
    while fresh.is_acting:  # It has not compared what waits for nobody.
        fresh.proceed()
        fresh.look()
    assert without_times(status) == without_times(fresh.status)
