"""Tells the product's main job, step by step, and checks what came of it.

Push data; a TFJob trains on exactly that commit; one output commit appears that
names it. Then the same once more, with other data.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.cluster import Cluster
from demo.pachd import Pachd, Published
from demo.parts import PartError, Parts
from demo.screen import Screen
from demo.stage import Servers
from demo.verify import Evidence, find_faults, read_description

__all__ = ["Run", "Story"]

INPUT_REPO, OUTPUT_REPO, DATA_PATH = "inputrepo", "outputrepo", "/data/mnist.npz"
_SAMPLE = Path("deploy/samples/mnist.yaml")
_DEFINITION = Path("crds/mnisttraining.yaml")
_RUN_SECONDS = 300
"""A training takes about 10 seconds here; a real cluster may pull an image first."""
_START_SECONDS = 60
_LOOK_SECONDS = 0.3
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Run:
    """One push and the model that came of it."""

    input_commit: str
    output_commit: str
    tfjob: str
    accuracy: float
    seconds: float


@dataclass(slots=True)
class Story:
    """Everything that the chapters share."""

    screen: Screen
    parts: Parts
    servers: Servers
    cluster: Cluster
    pachd: Pachd
    training: str = "mnist"
    _told: dict[str, int] = field(default_factory=dict)
    """How many lines of each log were shown, and which Events."""

    def define(self) -> None:
        """Teach the API server what a MnistTraining is."""
        self.screen.step("Define the resource, and start the operator")
        self._apply(_DEFINITION)
        self._await(self.cluster.is_served, "the definition of MnistTrainings")

    def apply(self) -> None:
        """Ask for a training, and wait until the operator has looked at it."""
        for key, _ in self.cluster.events(self.training):
            self._told[key] = 1
        self.screen.step("Apply a MnistTraining: the classic recipe, nothing set")
        self._apply(_SAMPLE)
        status = self._await(
            lambda: self.cluster.status(self.training).get("conditions"),
            "the operator's first look at it",
        )
        for condition in status:
            if condition["type"] == "Ready":
                self.screen.tell(f"{condition['reason']}: {condition['message']}")

    def _apply(self, manifest: Path) -> None:
        self.screen.command(f"kubectl apply -f {manifest}")
        self.screen.good(self.cluster.apply(manifest))

    def _await(self, look: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + _START_SECONDS
        while not (found := look()):
            self.parts.check()
            if time.monotonic() > deadline:
                raise PartError(f"{what} took more than {_START_SECONDS} seconds")
            time.sleep(_LOOK_SECONDS)
        return found

    def create_repos(self) -> None:
        """The two repos of the recipe."""
        self.screen.step("Create the two repos in Pachyderm")
        for repo in (INPUT_REPO, OUTPUT_REPO):
            self.screen.command(f"pachctl create repo {repo}")
            self.pachd.create_repo(repo)

    def push(self, data: Path, title: str) -> Run:
        """Push one file, watch the training, and wait for the model."""
        self.screen.step(title)
        size = data.stat().st_size / 1e6
        target = f"{INPUT_REPO}@master:{DATA_PATH}"
        self.screen.command(f"pachctl put file {target} -f {data.name}")
        commit = self.pachd.push(INPUT_REPO, DATA_PATH, data)
        began = time.monotonic()
        self.screen.good(f"{size:.1f} MB are commit {commit}")
        with self.screen.waiting("waiting for the model"):
            model = self._follow(commit)
        run = _read_run(commit, model, time.monotonic() - began)
        self.screen.good(
            f"model in {OUTPUT_REPO}@{run.output_commit}: accuracy"
            f" {run.accuracy:.2%}, {run.seconds:.1f} s after the push"
        )
        return run

    def _follow(self, commit: str) -> Published:
        """Show all that happens until the output branch names the commit."""
        deadline = time.monotonic() + _RUN_SECONDS
        while time.monotonic() < deadline:
            self.parts.check()
            self._show(commit)
            for published in self.pachd.recent(OUTPUT_REPO):
                named = read_description(published.description).get("inputCommit")
                if named == commit and published.finished and not published.error:
                    self._show(commit)
                    return published
            self._check(commit)
            time.sleep(_LOOK_SECONDS)
        raise PartError(f"no model of {commit} after {_RUN_SECONDS} seconds")

    def _show(self, commit: str) -> None:
        """New Events and new lines of the trainer's log."""
        for key, text in self.cluster.events(self.training):
            if key not in self._told:
                self._told[key] = 1
                self.screen.tell(text)
        for job in self.cluster.tfjobs_for(commit):
            if job not in self._told:
                self.screen.tell(f"TFJob {job} reads {commit[:_SHORT]} and no other")
            lines = self.cluster.log(job)
            for line in lines[self._told.setdefault(job, 0) :]:
                self.screen.log(line, source="trainer")
            self._told[job] = max(self._told[job], len(lines))

    def _check(self, commit: str) -> None:
        """Give up early when the status says that no model will come."""
        status = self.cluster.status(self.training)
        for condition in status.get("conditions", []):
            if condition["type"] == "Stalled" and condition["status"] == "True":
                raise PartError(f"{condition['reason']}: {condition['message']}")
        for item in status.get("history", []):
            if item["commit"] == commit and item["decision"] != "Published":
                raise PartError(f"{item['decision']}: {item.get('message', '')}")

    def answer(self) -> None:
        """Ask the question that all this is for."""
        self.screen.step("What data trained this model?")
        reference = f"{OUTPUT_REPO}@master"
        self.screen.command(f"mnistctl lineage {reference}")
        done = subprocess.run(
            [sys.executable, "-m", "mnist_operator.cli", "lineage", reference],
            check=False,
            capture_output=True,
            text=True,
            env=_mnistctl_environment(self.servers),
        )
        if done.returncode:
            raise PartError("mnistctl lineage failed", done.stderr.splitlines())
        for line in done.stdout.splitlines():
            self.screen.tell(line)

    def verify(self, runs: list[Run]) -> bool:
        """Read all of it back from Pachyderm alone, and compare."""
        self.screen.step("Verify both records, from what Pachyderm holds alone")
        verdicts = [self._verify(run) for run in runs]
        return all(verdicts)

    def _verify(self, run: Run) -> bool:
        evidence = self._evidence(run)
        faults = find_faults(evidence)
        for fault in faults:
            self.screen.bad(f"{run.output_commit[:_SHORT]}: {fault}")
        if not faults:
            self.screen.good(
                f"{run.output_commit[:_SHORT]} was trained on"
                f" {run.input_commit[:_SHORT]}: {len(evidence.files)} files, their"
                " digests, the training data and the description agree"
            )
        return not faults

    def _evidence(self, run: Run) -> Evidence:
        read = self.pachd.read
        found = [
            each
            for each in self.pachd.recent(OUTPUT_REPO)
            if each.commit == run.output_commit
        ]
        data = read(INPUT_REPO, run.input_commit, DATA_PATH)
        return Evidence(
            input_commit=run.input_commit,
            input_sha256=hashlib.sha256(data).hexdigest(),
            description=found[0].description if found else "",
            files={
                path: read(OUTPUT_REPO, run.output_commit, path)
                for path in self.pachd.files(OUTPUT_REPO, run.output_commit)
            },
        )


def _mnistctl_environment(servers: Servers) -> dict[str, str]:
    """Mnistctl needs Pachyderm alone: no kubeconfig is handed to it."""
    environment = {**os.environ, **servers.environment}
    environment.pop("KUBECONFIG")
    return environment


def _read_run(commit: str, model: Published, seconds: float) -> Run:
    described: dict[str, Any] = read_description(model.description)
    return Run(
        input_commit=commit,
        output_commit=model.commit,
        tfjob=described.get("tfjob", ""),
        accuracy=float(described.get("accuracy") or "nan"),
        seconds=round(seconds, 1),
    )
