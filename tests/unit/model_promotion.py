"""The model world with a production branch, held-out images and models of all kinds."""

import hashlib
import json

from mnist_operator import places, runs
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision
from mnist_operator.lineage import read_model
from mnist_operator.production import ROLLED_BACK
from mnist_operator.promotion_spec import (
    PROMOTION_COMMIT,
    PROMOTION_FORCED,
    PROMOTION_REQUEST,
    PROMOTION_REQUESTED_AT,
)
from mnist_operator.test_result import PROMOTION_FILE, read_verdict
from unit.model_operator import Operator
from unit.model_world import World
from unit.trials import told

HELD_OUT = Branch(Repo("default", "held_out"), "master")
GATE = {"heldOut": {"repo": "held_out", "branch": "master"}}
REPORT_FILE = "/report/held_out.json"
_COUNTS = {
    "better": {"both": 90, "champion": 0, "challenger": 9, "neither": 1},
    "equal": {"both": 95, "champion": 2, "challenger": 2, "neither": 1},
    "worse": {"both": 70, "champion": 25, "challenger": 0, "neither": 5},
    "leaked": {"both": 95, "champion": 0, "challenger": 0, "neither": 5, "seen": 3},
}


def compare(trial, kind):
    """What a trainer leaves behind whose model is like that, or has these counts."""
    counts = dict(_COUNTS[kind] if isinstance(kind, str) else kind)
    if trial.champion is None:
        right = counts["both"] + counts["challenger"]
        wrong = counts["champion"] + counts["neither"]
        counts |= {"both": 0, "champion": 0, "challenger": right, "neither": wrong}
    return json.dumps(told(trial, **counts)).encode()


class Promotions:
    """A world, the operator in it, and every move of the production branch."""

    def __init__(self, mode="Automatic", **spec):
        self.world = _World(promotion=GATE | {"mode": mode}, **spec)
        self.operator = Operator(self.world)
        self.other = Operator(self.world)
        """A second one, which works only where a test lets it."""
        self.branch = places.production_branch(self.world.training)
        self.shown = []
        """Every head that the production branch has had, in this order."""
        self.asked = []
        self.by_hand = []
        self.hold_out()

    @property
    def head(self):
        return self.world.pachyderm.heads.get(self.branch) or ""

    def models(self):
        return [model.commit for model in self.world.models()]

    def hold_out(self):
        """Somebody pushes other images to be measured on."""
        pachyderm = self.world.pachyderm
        images = pachyderm.start(HELD_OUT)
        pachyderm.finish(images)
        pachyderm.settle()

    def push(self, kind="better"):
        """A commit whose model will be like that, or has these counts."""
        self.world.push()
        head = self.world.head().id
        self.world.kinds[head] = kind
        self.world.finish()
        self.world.pachyderm.settle()

    def request(self, kind, commit="", forced=""):
        text = f"move {len(self.asked)}"
        self.asked.append((kind, commit))
        said = {PROMOTION_REQUESTED_AT: text, PROMOTION_REQUEST: kind}
        said |= {PROMOTION_COMMIT: commit, PROMOTION_FORCED: forced}
        self.world.annotations = said
        self.world.show(self.world.training.status)
        return text

    def move_by_hand(self, commit):
        self.by_hand.append(commit)
        self.world.pachyderm.heads[self.branch] = commit
        self.watch()

    def work(self, calls, who=None):
        """So many calls of the operator's."""
        operator = who or self.operator
        if not operator.is_acting:
            operator.look()
        for _ in range(calls):
            operator.proceed(1)
            self.watch()

    def crash(self):
        self.operator.crash()

    def settle(self):
        """Let all go well until there is nothing to do."""
        self.world.turns.fault = ""
        for _ in range(300):
            self.world.wait(5)
            if not self.operator.is_acting:
                self.operator.look()
            idle = not self.operator.is_acting
            self.operator.proceed()
            self.watch()
            for name in self.world.reaching():
                self.world.end_job(name, 0)
                idle = False
            if idle and self.operator.plan.look_again_at is None:
                return
        raise AssertionError(self.world.tell())

    def watch(self):
        if self.head and (not self.shown or self.shown[-1] != self.head):
            self.shown.append(self.head)

    def lines(self, decision=Decision.PROMOTED):
        """The moves that the ledger tells of, without those that repeat another."""
        counted, ledger = [], None
        for line in self.world.lines():
            ledger = (ledger or type(self.world.ledger())()).extended([line])
            newest = ledger.moves[0] if ledger.moves else None
            if line.decision is decision is Decision.PROMOTED and line == newest:
                counted.append(line)
            if line.decision is decision is Decision.WITHHELD:
                counted.append(line)
        return counted

    def verdict(self, commit):
        return read_verdict(self.world.pachyderm.content[commit].get(PROMOTION_FILE))

    def check(self):
        """What holds at any time."""
        pachyderm, tell = self.world.pachyderm, self.world.tell
        for commit in {self.head, *self.shown} - {"", *self.by_hand}:
            assert read_model(pachyderm.commits[commit]) is not None, tell()
        automatic = [e.output for e in self.lines() if e.reason == "Automatic"]
        assert len(set(automatic)) == len(automatic), tell()
        for commit in set(self.shown) - set(self.by_hand):
            moves = self.shown.count(commit)
            named = [e for e in self.lines() if e.output == commit and e.request]
            assert moves <= 1 + len(named) + len(self.asked), tell()
        for entry in self.lines():
            if entry.reason == "Automatic":
                assert "Passed" == self.verdict(entry.output).ruling.value, tell()

    def check_in_the_end(self):
        """The branch, the ledger and the status tell the same."""
        self.check()
        moves = self.lines()
        assert self.head == (moves[-1].output if moves else ""), self.world.tell()
        said = self.operator.status["promotion"]
        assert self.head == said["productionCommit"]
        backs = [e for e in moves if e.reason == ROLLED_BACK]
        for back in backs:
            after = moves[moves.index(back) + 1 :]
            again = [e for e in after if e.output == back.previous]
            assert all(e.request or e.output in self.by_hand for e in again)

    def close(self):
        self.other.crash()
        self.crash()
        self.world.close()


class _World(World):
    """Trainers compare as their TFJob tells them to."""

    def __init__(self, **spec):
        self.kinds = {}
        super().__init__(**spec)

    def write(self, staging, name):
        if not super().write(staging, name):
            return False
        attempt = runs.read_attempt(self.pachyderm.commits[staging])
        if attempt.trial is not None:
            files = self.pachyderm.content[staging]
            kind = self.kinds.get(attempt.commit, "better")
            if kind != "silent":
                files[REPORT_FILE] = compare(attempt.trial, kind)
                self._list(files, REPORT_FILE)
        return True

    def _list(self, files, path):
        manifest = json.loads(files["/run.json"])
        sha256 = hashlib.sha256(files[path]).hexdigest()
        manifest["files"].append({"path": path, "sha256": sha256})
        files["/run.json"] = json.dumps(manifest).encode()
