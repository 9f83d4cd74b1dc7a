"""The world of the scenes: a pachd with tokens, many MnistTrainings side by side."""

import asyncio
from functools import partial
from typing import Any
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from integration.following.conftest import Gate
from integration.pushes import NAMESPACE
from integration.world import EARLIEST, PODS, World, until
from local_cluster.kube.client import path_of
from mnist_operator.commits import Branch, Repo
from mnist_operator.settings import Settings
from mnist_operator.tfjob import TRAINING_LABEL

__all__ = ["TOKEN", "Stage", "input_of", "labels", "output_of"]

TOKEN = "the-right-token"


def input_of(name: str) -> Branch:
    """The branch with the data of a scene."""
    return Branch(Repo("default", f"{name}-in"), "master")


def output_of(name: str) -> Branch:
    """The branch with its models."""
    return Branch(Repo("default", f"{name}-out"), "master")


class Stage(World):
    """A world whose pachd asks for a token, and whose operator tells its metrics."""

    metrics_port = 0

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"metrics_port": self.metrics_port})

    async def secret(self, name: str, **values: str) -> None:
        """Create a Secret."""
        secrets = path_of("v1", "secrets", (NAMESPACE, ""))
        body = {"metadata": {"name": name}, "stringData": values}
        await self.kube.call("POST", secrets, body)

    async def begin(self, name: str, whose: str = "pachyderm", **spec: Any) -> None:
        """Create a scene's repo and its MnistTraining, which tries once."""
        await self.create_repo(input_of(name))
        wanted = {
            "input": {"repo": f"{name}-in"},
            "output": {"repo": f"{name}-out"},
            "pachyderm": {"secretRef": {"name": whose}},
            "attempts": {"limit": 1},
            "trigger": EARLIEST,
        }
        await self.apply(name, **wanted | spec)

    async def fail(self, name: str, **data: Any) -> None:
        """Begin, push, and wait until the run has failed."""
        await self.begin(name)
        await self.push(input_of(name), **data)
        await self.reason("TrainingFailed", name)

    async def give_up(self, name: str) -> None:
        """Let its patience with a run that does not start be over now.

        From the beginning a second would be too short for a busy machine to say why.
        """
        await self.change(name, startupDeadlineSeconds=1)
        await self.reason("TrainingFailed", name)

    async def hold(self, name: str) -> str:
        """Begin a run that stands still; return the name of its pod."""
        gate = Gate(self.folder / name)
        await self.begin(name)
        await self.push(input_of(name), digits=1, wait_for=str(gate))
        await gate.reached()
        return str(await until(partial(self._pod, name), "its pod"))

    async def _pod(self, name: str) -> str:
        pods = (await self.kube.call("GET", PODS))["items"]
        ours = [
            each["metadata"]["name"]
            for each in pods
            if each["metadata"]["labels"].get(TRAINING_LABEL) == name
        ]
        return ours[0] if ours else ""

    async def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """What Prometheus would read: values by name and labels."""
        text = await asyncio.to_thread(self._scrape)
        return {
            (each.name, frozenset(each.labels.items())): each.value
            for family in text_string_to_metric_families(text)
            for each in family.samples
        }

    async def until_metric(self, value: float, name: str, **by: str) -> None:
        """Wait until a metric has this value."""
        series = (f"mnist_operator_{name}", frozenset(by.items()))

        async def seen() -> bool:
            return (await self.metrics()).get(series) == value

        await until(seen, f"{value} as {series}")

    def _scrape(self) -> str:
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        with urlopen(url, timeout=60) as answer:
            return str(answer.read().decode())


def labels(name: str) -> dict[str, str]:
    """Of the series about one training."""
    return {"namespace": NAMESPACE, "training": name}
