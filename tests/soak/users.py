"""What people do all along: push, ask, edit, rotate, delete and create again."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any

from local_cluster.kube.client import ClientError
from mnist_operator.resource import REQUESTED_AT
from soak.stage import SECRETS, Course, Stage, insist

__all__ = ["Users"]

_PUSH_SECONDS = 0.5
_MOST_PENDING = 4
"""Who has so many waiting gets no more, so that a slow machine is not buried."""
_EDITS: tuple[dict[str, Any], ...] = (
    {"trainer": {"parameters": {"epochs": 2}}},
    {"trainer": {"parameters": {"epochs": 3}}},
    {"attempts": {"limit": 3}},
    {"attempts": {"limit": 2}},
    {"suspend": True},
    {"successfulRunsHistoryLimit": 1},
    {"successfulRunsHistoryLimit": 3},
)
_SUSPENDED_SECONDS = 5.0
_FATES: tuple[dict[str, Any], ...] = (
    *[{} for _ in range(18)],
    {"exit": 3},
    {"exit": 137},
)


class Users:
    """All of them; `random` decides what they do next."""

    def __init__(self, stage: Stage, random: Random) -> None:
        self.done: Counter[str] = Counter()
        self._stage = stage
        self._random = random
        self._rotations = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._push_on())
            for seconds, act in (
                (7.0, self._ask),
                (11.0, self._edit),
                (23.0, self._recreate),
                (120.0, self._rotate),
            ):
                group.create_task(self._every(seconds, act))

    async def _every(self, seconds: float, act: Any) -> None:
        while True:
            await asyncio.sleep(seconds * self._random.uniform(0.5, 1.5))
            await asyncio.shield(act(self._random.choice(self._stage.courses)))
            self.done[act.__name__.strip("_")] += 1

    async def _push_on(self) -> None:
        while True:
            bodies = await self._stage.bodies()
            for course in self._random.sample(self._stage.courses, 3):
                status = bodies.get(course.name, {}).get("status", {})
                if course.waiting(status) < _MOST_PENDING:
                    await asyncio.shield(self._push(course))
            await asyncio.sleep(_PUSH_SECONDS)

    async def _push(self, course: Course) -> None:
        """Data of its own each time, which now and then cannot be trained on."""
        fate = self._random.choice(_FATES)
        data = {"course": course.number, "push": len(course.pushed), **fate}
        await self._stage.add(course, json.dumps(data).encode())
        self.done["push"] += 1

    async def _ask(self, course: Course) -> None:
        course.asked += 1
        asked = {REQUESTED_AT: f"request {course.asked}"}
        await self._patch(course, {"metadata": {"annotations": asked}})

    async def _edit(self, course: Course) -> None:
        edit = self._random.choice(_EDITS)
        await self._patch(course, {"spec": edit})
        if "suspend" in edit:
            await asyncio.sleep(_SUSPENDED_SECONDS)
            await self._patch(course, {"spec": {"suspend": False}})

    async def _rotate(self, course: Course) -> None:
        self._rotations += 1
        await self._stage.rotate(course.number % SECRETS, self._rotations)

    async def _recreate(self, course: Course) -> None:
        stage, path = self._stage, f"{self._stage.trainings}/{course.name}"
        with suppress(ClientError):  # It was deleted, and nobody heard the answer.
            await insist(lambda: stage.kube.call("DELETE", path))
        while course.name in await stage.bodies():
            await asyncio.sleep(0.2)
        await asyncio.sleep(self._random.uniform(0, 3))
        await insist(lambda: self._create(course))

    async def _create(self, course: Course) -> None:
        if course.name not in await self._stage.bodies():
            await self._stage.apply(course.name, **course.spec())

    async def _patch(self, course: Course, patch: dict[str, Any]) -> None:
        path = f"{self._stage.trainings}/{course.name}"
        with suppress(ClientError):  # It is deleted just now.
            await insist(lambda: self._stage.kube.call("PATCH", path, patch))
