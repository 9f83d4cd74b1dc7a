"""All that a test with crashes needs around its operators: servers, hands, a user."""

import itertools
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashes.audit import audit
from crashes.course import Course
from crashes.hands import Hands
from crashes.operators import Ground, Operator
from crashes.outside import Outside
from crashes.servers import Servers
from local_cluster.kube.client import KubeClient, path_of

__all__ = [
    "REPORTS",
    "LocalStage",
    "Stage",
    "chance",
    "commits",
    "drawn",
    "staged",
    "well",
]

REPORTS: list[str] = []
"""One line for each course that came to its end; printed after the tests."""
_FEW = 40
_NUMBERS = itertools.count(1)


def commits(share: float = 1.0) -> int:
    """How many commits a test is to push: COMMITS of them, or a share of that."""
    return max(2, round(share * int(os.environ.get("COMMITS") or _FEW)))


def drawn() -> int:
    """SEED, or another one each time; printed, so that a failure can be repeated."""
    given = os.environ.get("SEED")
    found = int(given) if given else random.SystemRandom().randrange(10**6)
    print(f"SEED={found}")
    return found


def chance(seed: int, number: int = 0) -> random.Random:
    """What decides in a test; there may be several, each by a number of its own."""
    return random.Random(1000 * seed + number)  # noqa: S311 (no secret)


@dataclass(frozen=True, slots=True)
class Stage:
    """One namespace on servers that are there."""

    ground: Ground
    kube: KubeClient
    pachd: Outside

    @asynccontextmanager
    async def operators(self, *names: str) -> AsyncIterator[list[Operator]]:
        """Operators that are not started yet, each with wires of its own."""
        async with AsyncExitStack() as stack:
            made = [Operator(self.ground, name) for name in names]
            yield [await stack.enter_async_context(each) for each in made]

    async def course(self, name: str = "native", **spec: Any) -> Course:
        """Make repos and a MnistTraining: native or metadata, and a number perhaps."""
        namespace = self.ground.namespace
        course = Course(
            self.kube,
            self.pachd,
            namespace,
            f"{namespace}-{name}-in",
            f"{namespace}-{name}-out",
            native=name.startswith("native"),
            name=name,
        )
        await self.pachd.create_repo(course.input)
        await course.apply(**spec)
        return course


@dataclass(frozen=True, slots=True)
class LocalStage(Stage):
    """The same on the servers of this folder, where hands end the TFJobs."""

    servers: Servers
    hands: Hands


@asynccontextmanager
async def staged(
    servers: Servers, folder: Path, **settings: str
) -> AsyncIterator[LocalStage]:
    """A namespace of one's own with hands at work; settings are its operators'."""
    namespace = f"team-{next(_NUMBERS)}"
    ground = Ground(
        folder,
        namespace,
        servers.pachd_address,
        servers.s3_endpoint,
        servers.door.url,
        servers.kubeconfig,
        settings=settings,
    )
    async with (
        KubeClient(servers.door, "test") as kube,
        Outside(servers.pachd_address) as pachd,
    ):
        about = {"metadata": {"name": namespace}}
        await kube.insist("POST", path_of("v1", "namespaces"), about)
        async with Hands(kube, pachd, namespace) as hands:
            yield LocalStage(ground, kube, pachd, servers, hands)


async def well(told: str, courses: Sequence[Course], *operators: Operator) -> None:
    """Audit courses that are at rest, and keep a line about them."""
    audits = {course.name: (course, await audit(course)) for course in courses}
    faults = [
        f"{name}: {fault}"
        for name, (_, each) in audits.items()
        for fault in each.faults
    ]
    faults += [line for each in operators for line in each.complaints()]
    pushed = sum(len(each.pushed) for each in courses)
    models = {name: each.models for name, (_, each) in audits.items()}
    lines = sum(each.lines for _, each in audits.values())
    given_up = sum(each.given_up for _, each in audits.values())
    REPORTS.append(
        f"{told}: {pushed} commits, {sum(models.values())} output commits {models},"
        f" {lines} lines in ledgers, {given_up} commits given up;"
        f" {len(faults)} violations"
    )
    print(REPORTS[-1])

    assert not faults, "\n".join(faults)
    assert pushed == sum(models.values())
