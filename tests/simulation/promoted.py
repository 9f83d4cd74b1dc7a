"""Production in a made-up life: who is to move the branch, and what it must show.

What a model is worth, nobody but its trainer and the audit know: the audit judges each
line about production as soon as it is written, with what was true by then.
"""

from datetime import timedelta

from mnist_operator import places
from mnist_operator.commits import Branch
from mnist_operator.decisions import AUTOMATIC, Decision
from mnist_operator.ledger import Ledger
from mnist_operator.production import ROLLED_BACK
from mnist_operator.promotion_spec import (
    PROMOTION_COMMIT,
    PROMOTION_FORCED,
    PROMOTION_REQUEST,
    PROMOTION_REQUESTED_AT,
)
from mnist_operator.runs import read_attempt
from unit.builders import NOW
from unit.model_promotion import GATE, HELD_OUT, REPORT_FILE, compare

__all__ = [
    "ABOUT_PRODUCTION",
    "PromotionAudit",
    "check_promotions",
    "hold_out",
    "is_at_rest",
    "report",
    "request_move",
    "set_promotion",
]

_GOOD = frozenset({"better", "equal"})
ABOUT_PRODUCTION = frozenset({Decision.PROMOTED, Decision.WITHHELD})
_BY_HAND = "ByHand"
_MOMENT = 10.0
"""Seconds from a look at production to the attempt that rests on it."""


def set_promotion(world, mode):
    """Somebody sets spec.promotion, or edits it."""
    if world.promotions is None:
        world.promotions = PromotionAudit(world)
        hold_out(world)
    world.promotions.modes.add(mode)
    world.apply(promotion=GATE | {"mode": mode})


def hold_out(world):
    """Somebody pushes images that no model is trained on."""
    images = world.pachyderm.start(HELD_OUT)
    world.pachyderm.finish(images)
    world.pachyderm.settle(images)


def request_move(world, kind, which, forced):
    """Somebody asks for a move; `which` of all models, or the operator's choice."""
    models = [each.commit for each in world.models()]
    named = models[which % len(models)] if which >= 0 and models else ""
    audit = world.promotions
    if audit is None:
        return  # Of a schedule from which its beginning was taken away.
    text = f"move {len(audit.asked)}"
    audit.asked[text] = kind, named, forced
    world.annotations = world.annotations | {
        PROMOTION_REQUESTED_AT: text,
        PROMOTION_REQUEST: kind,
        PROMOTION_COMMIT: named,
        PROMOTION_FORCED: "as an exception" if forced else "",
    }
    world.apply()


def report(world, staging, files, add):
    """What a trainer leaves behind that was told to compare; `add`: writes a file."""
    attempt = read_attempt(world.pachyderm.commits[staging])
    if attempt.trial is None:
        return
    kind = world.promotions.compares
    world.promotions.kinds[staging] = kind
    if kind != "silent":
        add(files, REPORT_FILE, compare(attempt.trial, kind))


class PromotionAudit:
    """Looks on from outside, in a world where there is a production branch."""

    def __init__(self, world) -> None:
        self._world = world
        self._branch = Branch(world.outputs.repo, "production")
        self.modes = set()
        """All that were ever set."""
        self.compares = "better"
        """What models are like from now on."""
        self.kinds = {}
        """What each model is like, by its run."""
        self.asked = {}
        """Each request: what it is, which model it names, and whether it is forced."""
        self.by_hand = set()
        """Models that somebody else put in production."""
        self._ledger, self._judged = Ledger(), 0
        self._written = self._shown = None
        self._moved_at, self._runs = 0.0, 0

    @property
    def head(self):
        """The model in production."""
        return self._world.pachyderm.heads.get(self._branch) or ""

    @property
    def _is_certain(self):
        """Whether there is one operator, and it sees things as they are."""
        return self._world.orderly and not self._world.shared

    @property
    def ledger(self):
        """What the lines say that were looked at."""
        return self._ledger

    def move_by_hand(self, which):
        """Somebody moves the branch, as `pachctl create branch` does."""
        models = [each.commit for each in self._world.models()]
        if models:
            chosen = models[which % len(models)]
            self.by_hand.add(chosen)
            self._world.pachyderm.heads[self._branch] = chosen

    def look(self):
        """At any time: what is shown is a model, and each line about it is right."""
        world, head = self._world, self.head
        if head != self._shown:
            self._shown, self._moved_at = head, world.loop.now
            models = {each.commit for each in world.models()}
            is_gone = head in world.pachyderm.gone
            assert head in models | {""} or is_gone, "no model is in production"
        self._look_at_runs()
        written = world.pachyderm.heads.get(world.ledger_place)
        if written != self._written:
            self._written = written
            for line in world.lines()[self._judged :]:
                self._judged += 1
                self._judge(line)

    def _look_at_runs(self):
        """Each one that begins compares with the model in production."""
        world, names = self._world, list(self._world.kubernetes.ever.items())
        began, self._runs = self._runs, len(names)
        if not self._is_certain:
            return
        moved = NOW + timedelta(seconds=self._moved_at + _MOMENT)
        for _, staging in names[began:]:
            commit = world.pachyderm.commits[staging]
            trial = read_attempt(commit).trial
            if trial is not None and commit.started > moved:
                champion = trial.champion.commit if trial.champion else ""
                assert champion == self.head, "compared with another model"

    def _judge(self, line):
        before, self._ledger = self._ledger, self._ledger.extended([line])
        if line.decision not in ABOUT_PRODUCTION:
            return
        after = self._ledger
        counts = (before.moves, before.withheld, before.answered)
        if counts == (after.moves, after.withheld, after.answered):
            assert not self._is_certain, "one decision is written down twice"
            return
        if line.request:
            self._judge_answer(line, before)
        elif line.decision is Decision.WITHHELD:
            self._judge_withheld(line, before)
        elif line.reason == AUTOMATIC:
            self._judge_automatic(line, before)
        else:
            self._judge_found(line)

    def passes(self, commit):
        """Whether the gate must let this model pass; the first one need not be good."""
        model = self._find(commit)
        kind = self.kinds.get(model.run) if model else None
        return kind in _GOOD or (kind == "worse" and not self._champion(commit))

    def _champion(self, commit):
        """With which model it was to be compared."""
        model = self._find(commit)
        trial = read_attempt(self._world.pachyderm.commits[model.run]).trial
        return trial.champion.commit if trial and trial.champion else ""

    def _find(self, commit):
        models = self._world.models()
        return next((each for each in models if each.commit == commit), None)

    def _judge_automatic(self, line, before):
        assert "Automatic" in self.modes, "promoted, and nobody wants that"
        assert self.passes(line.output), "promoted, and did not pass"
        decided = before.promoted | before.withheld
        assert line.output not in decided, "promoted after it was decided on"
        assert self._champion(line.output) == before.in_production, "another champion"

    def _judge_withheld(self, line, before):
        same = self._champion(line.output) == before.in_production
        right = not (self.passes(line.output) and same)
        assert right or not self._is_certain, "withheld, and it passed"

    def _judge_answer(self, line, before):
        kind, named, forced = self.asked[line.request]
        target = named or self._find_target(kind, before)
        if line.decision is Decision.WITHHELD:
            is_there = self._find(target) is not None
            moves = target != before.in_production and is_there
            wanted = forced if kind == "Promote" else target in before.promoted
            owed = self._is_certain and moves and wanted
            assert not owed, "it was asked for, and may move"
            return
        assert line.output == target, "not the model that was asked for"
        if kind == "Promote" and not forced:
            assert self.passes(target), "promoted on request, and did not pass"
            champion = self._champion(target)
            assert champion == before.in_production, "compared with another one"
        elif kind == "Rollback":
            assert target in before.promoted, "back to what never was in production"

    def _find_target(self, kind, before):
        if kind == "Promote":
            return before.published.output if before.published else ""
        for move in before.moves:
            if move.reason != ROLLED_BACK and move.output == before.in_production:
                return move.previous
        return ""

    def _judge_found(self, line):
        assert line.reason == _BY_HAND, line
        known = line.output in self.by_hand or not self._is_certain
        assert known, "nobody moved it"


def is_at_rest(world):
    """Whether nothing is left to do about production, and the status says so."""
    audit, gate = world.promotions, world.training.spec.gate
    if gate is None:
        return True
    text = world.training.promotion_requested_at
    said = world.training.status.get("promotion") or {}
    is_told = said.get("productionCommit", "") == audit.head
    is_recorded = audit.head in {"", audit.ledger.in_production}
    return is_told and is_recorded and (not text or text in audit.ledger.answered)


def check_promotions(world):
    """In the end: each model is decided on, and no rollback is undone."""
    audit, ledger = world.promotions, world.promotions.ledger
    audit.look()
    gate, newest = world.training.spec.gate, ledger.published
    if gate is not None and newest is not None:
        head = places.production_branch(world.training)
        assert world.pachyderm.heads.get(head) == (ledger.in_production or None)
        decided = newest.output in ledger.promoted | ledger.withheld
        waits = gate.mode == "Manual" and audit.passes(newest.output)
        assert decided or waits, "the newest model is not decided on"
    moves = ledger.moves[::-1]
    for place, back in enumerate(moves):
        if back.reason == ROLLED_BACK:
            again = [e for e in moves[place + 1 :] if e.output == back.previous]
            wanted = all(e.request or e.output in audit.by_hand for e in again)
            assert wanted, "a rollback is undone"
