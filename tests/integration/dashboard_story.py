"""What the page has to show: three models and a failure, and a long history.

The operator's own publisher makes the models.
"""

import json
import math
from datetime import UTC, datetime, timedelta

from integration.lineage_world import Lineage
from mnist_operator import places, runs, warm_start
from mnist_operator.buckets import name_bucket
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision, Entry
from mnist_operator.pachyderm import DeletePath, PutFile
from mnist_operator.runs import LOG_FILE, Outcome, Verdict
from mnist_operator.test_result import PROMOTION_FILE, build_test_result
from mnist_operator.trial import read_report
from unit import mnistctl_records as records
from unit.data_archives import dataset
from unit.trials import told, trial

__all__ = ["HOSTILE", "LONG", "Story", "remember_long"]

HOSTILE = "<script>alert(1)</script>\u202e&\x00\x1b[31m'\""
LONG = 10_000
_CLEAR = DeletePath("/")
"""A commit begins with the files of the one before."""
_SIDE = 14
_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc")


class Story(Lineage):
    """One training whose runs leave behind what the real trainer does."""

    def __init__(self, client, *, namespace="default"):
        super().__init__(client)
        self.training = self.training.model_copy(update={"namespace": namespace})
        self.entries = {}
        self.doubtful = ""
        """The commit that a data gate holds."""
        self._data = {}

    async def tell(self):
        """Three models and a failure; the third model began from the second."""
        first = await self.push_data(range(60))
        await self._publish("first", first, 0.9712, epochs=1)
        second = await self.push_data(range(72), wrong=4)
        broken = await self.fail(second, "DataInvalid")
        await self.remember(_failure(broken))
        self.entries["failed"] = broken.staging
        third = await self.push_data(range(90))
        await self._publish("second", third, 0.9874)
        self._change_spec(epochs=2)
        begun = self.entries["second"].output
        await self._publish("third", third, 0.9921, begins_from=begun)
        return self

    async def publish_one(self, name, accuracy):
        """A single model."""
        await self._publish(name, await self.push_data(range(60)), accuracy)

    async def go_on(self):
        """One more model."""
        commit = await self.push_data(range(100))
        await self._publish("fourth", commit, 0.9933)

    async def push_data(self, samples, *, wrong=0, branch=None):
        digits = [(_digit(n), (n + (n < wrong)) % 8) for n in samples]
        whole = dataset(digits, digits[:8], shape=(_SIDE, _SIDE)).getvalue()
        file = PutFile("/data/mnist.npz", whole)
        commit = await self.write(branch or self.input, "", file)
        self._data[commit] = whole
        return commit

    async def judge(self):
        """A model of another branch that the gate refused; gives back its commit."""
        asked = trial()
        report = read_report(asked, told(asked, both=9700, champion=61, challenger=28))
        subject = {"name": "my_model.h5", "digest": {"sha256": "1" * 64}}
        word = runs.canonical(build_test_result(subject, asked, report))
        branch = Branch(self.output.repo, "judged")
        return await self.write(branch, "", PutFile(PROMOTION_FILE, word))

    async def mislabel(self):
        """Data of another branch, with six wrong labels; gives back its commit."""
        branch = Branch(self.input.repo, "doubtful")
        self.doubtful = await self.push_data(range(90), wrong=6, branch=branch)
        return self.doubtful

    async def open_run(self, commit):
        """A run that is under way."""
        return await self._open(commit, "")

    async def fail(self, commit, reason):
        log = f"{HOSTILE}\n" + "line of a log\n" * 40 + "It broke: x_train is missing\n"
        return await self.fail_with(commit, log.encode(), reason)

    async def fail_with(self, commit, log, reason="DataInvalid"):
        """A run that failed, and what it said."""
        opened = await self._open(commit, "")
        asked = runs.canonical(runs.build_request(opened, self._spec()))
        files = [PutFile(LOG_FILE, log), PutFile(runs.ATTEMPT_FILE, asked)]
        await self.client.modify(self.runs, opened.staging, [_CLEAR, *files])
        said = f"x_train is missing in /data/mnist.npz; push it {HOSTILE}"
        outcome = Outcome(Verdict.FAILED, reason, said, retryable=False, exit_code=2)
        return await self._close(opened, outcome)

    async def give_up(self, commit):
        """A run that was closed before it had a job."""
        outcome = Outcome(Verdict.ABANDONED, "Unchanged", "It has been trained on.")
        return await self._close(await self._open(commit, ""), outcome)

    async def _publish(self, name, commit, accuracy, *, epochs=5, begins_from=""):
        changes = {
            "metrics": {"accuracy": accuracy, "loss": 0.0213},
            "parameters": {"epochs": epochs, "batchSize": 128, "seed": 7},
            "log": _log(epochs, accuracy),
            "measured": measured(accuracy, epochs),
        }
        entry = await self.publish(commit, begins_from=begins_from, **changes)
        self.entries[name] = entry

    def _change_spec(self, **parameters):
        spec = self.training.spec
        changed = spec.trainer.parameters.model_copy(update=parameters)
        trainer = spec.trainer.model_copy(update={"parameters": changed})
        self.training = self.training.model_copy(
            update={"spec": spec.model_copy(update={"trainer": trainer})}
        )

    def _model_of(self, commit):
        """The model's file in an output commit."""
        models = [each for each in self.entries.values() if isinstance(each, Entry)]
        run = next(each.run for each in models if each.output == commit)
        return f"model of {run}".encode()

    async def _train(self, commit, begins_from, changes):
        opened = await self._open(commit, begins_from)
        asked = runs.build_request(opened, self._spec())
        model = f"model of {opened.staging}".encode()
        log, metrics = changes.pop("log"), json.dumps(changes.pop("measured")).encode()
        files = {"/my_model.h5": model, "/metrics.json": metrics}
        data = self._data[commit]
        read = {"path": "data/mnist.npz", "size": len(data)}
        read["sha256"] = records.sha256(data)
        manifest = {**records.manifest(files), **changes, "input": [read]}
        if begins_from:
            manifest[warm_start.PART] = {
                "bucket": name_bucket(begins_from, "master", "outputrepo", "default"),
                "path": "my_model.h5",
                "sha256": records.sha256(self._model_of(begins_from)),
            }
        files |= {
            runs.ATTEMPT_FILE: runs.canonical(asked),
            "/run.json": runs.canonical(manifest),
            LOG_FILE: log.encode(),
        }
        written = [PutFile(path, content) for path, content in files.items()]
        await self.client.modify(self.runs, opened.staging, [_CLEAR, *written])
        return await self._close(opened, Outcome(Verdict.SUCCEEDED))


def _failure(attempt):
    """The ledger's line about it."""
    return Entry(
        time=datetime.now(UTC),
        decision=Decision.FAILED,
        commit=attempt.commit,
        reason=attempt.outcome.reason,
        message=attempt.outcome.message,
        attempt=1,
        run=attempt.staging,
        tfjob=runs.job_name("mnist", attempt.staging),
        spec=attempt.digest,
    )


def measured(accuracy, epochs):
    """metrics.json of a model that takes some fours for nines."""
    matrix = [[0] * 10 for _ in range(10)]
    for label in range(10):
        matrix[label][label] = 990 - 3 * label
        matrix[label][(label * 7 + 3) % 10] += 6 + label
    matrix[4][9] += 210
    history = [
        {
            "epoch": n + 1,
            "loss": round(0.6 * math.exp(-0.6 * n) + 0.02, 6),
            "accuracy": round(accuracy - 0.12 * math.exp(-0.7 * n), 6),
            "seconds": 11.2,
        }
        for n in range(epochs)
    ]
    return {
        "accuracy": accuracy,
        "accuracyInterval": {"low": accuracy - 0.002, "high": accuracy + 0.002},
        "loss": 0.0213,
        "images": {"train": 60000, "test": 10000},
        "confusionMatrix": matrix,
        "mostConfused": [{"true": 4, "predicted": 9, "count": 210}],
        "perClass": [{"class": n, "name": str(n)} for n in range(10)],
        "history": history,
    }


def _log(epochs, accuracy):
    each = (
        f"epoch {n + 1}/{epochs}: loss 0.0{90 - n * 7}, 11.2 s" for n in range(epochs)
    )
    return "\n".join(["reading data/mnist.npz", *each, f"accuracy {accuracy:.2%}", ""])


def _digit(number):
    """A digit of a clock, so that a picture of it can be read."""
    on = _SEGMENTS[number % 8]
    image = [[0] * _SIDE for _ in range(_SIDE)]
    shift = number // 8 % 3
    lines = {
        "a": [(1, x) for x in range(4, 9)],
        "g": [(6, x) for x in range(4, 9)],
        "d": [(11, x) for x in range(4, 9)],
        "f": [(y, 3) for y in range(2, 6)],
        "b": [(y, 9) for y in range(2, 6)],
        "e": [(y, 3) for y in range(7, 11)],
        "c": [(y, 9) for y in range(7, 11)],
    }
    for segment in on:
        for y, x in lines[segment]:
            image[y][x + shift] = 255
    image[13][number % _SIDE] = 1 + number % 250
    return bytes(value for row in image for value in row)


def long_ledger(count):
    """So many models, a failure now and then, and some changes of the spec."""
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    for n in range(count):
        failed = n % 97 == 96
        yield Entry(
            time=begin + timedelta(minutes=47 * n),
            decision=Decision.FAILED if failed else Decision.PUBLISHED,
            commit=f"{n:032x}",
            reason="TrainerFailed" if failed else "",
            message="exit code 1" if failed else "",
            attempt=1,
            run=f"{n + 1:032x}",
            output="" if failed else f"{n + 2:032x}",
            accuracy="" if failed else f"{_score(n):.4f}",
            spec=f"{n // 1500:064x}",
        )


def _score(n):
    return 0.97 + 0.02 * (1 - math.exp(-n / 1500)) + 0.003 * math.sin(n * 12.9898)


async def remember_long(story, name="long", count=LONG):
    """A ledger of so many lines."""
    training = story.training.model_copy(update={"name": name})
    lines = b"".join(each.to_line() for each in long_ledger(count))
    ledger = places.ledger_branch(training)
    await story.client.append(ledger, "/ledger.jsonl", lines)
