"""Tells of one training: its status, what that vouches for, and Events."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator import summary
from mnist_operator.engine import Engine
from mnist_operator.metered import Meter
from mnist_operator.plan import Observed, Plan, Story
from mnist_operator.post import Herald
from mnist_operator.progress_view import ProgressView
from mnist_operator.readings import Memory
from mnist_operator.recognition import leave_seal
from mnist_operator.resource import MnistTraining, bare_training
from mnist_operator.sight import Sight, differs
from mnist_operator.status import SEAL, Status

__all__ = ["Teller"]

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Teller:
    """What people are told of one training, only when it is something new."""

    engine: Engine
    place: tuple[str, str]
    meter: Meter
    sight: Sight
    view: ProgressView
    memory: Memory
    wake: Callable[[], None]
    """For a change of somebody else's, which the answer to a write shows."""
    herald: Herald

    async def show(self, observed: Observed, plan: Plan) -> None:
        """Write the status."""
        engine = self.engine
        status = summary.summarize(observed, plan.story, now=engine.now())
        seal = leave_seal(engine, observed, self.memory, plan, status)
        await self._write(observed.training, status, seal)

    async def tell(self, observed: Observed, plan: Plan) -> None:
        """Write the status, and post an Event where the story is one."""
        await self.show(observed, plan)
        await self.herald.tell(observed.training, plan.story, now=self.engine.now())

    async def show_trouble(
        self, body: Mapping[str, Any], story: Story, *, lasts: bool
    ) -> None:
        """Say it in the status, if that can be: it may be what is wrong.

        `lasts`: it was so before, so that an Event tells of it, too.
        """
        try:
            now, training = self.engine.now(), bare_training(body)
            await self._write(training, summary.tell_trouble(training, story, now=now))
            if story.stalled or lasts:
                await self.herald.tell(training, story, now=now)
        except Exception as error:  # noqa: BLE001 (trouble is told of, and never adds any)
            _LOGGER.warning("%s: status not written: %s", "/".join(self.place), error)

    async def _write(
        self, training: MnistTraining, status: Status, seal: str | None = None
    ) -> None:
        shown = self.view.dress(status.to_json())
        sight = self.sight
        sight.generation, sight.shown = training.generation, shown
        self.meter.showed(status)
        wanted = {**shown, SEAL: seal}
        if differs(sight.status, wanted):
            written = await self.engine.kube.patch_status(*self.place, wanted)
            if written is not None and sight.written(written):
                self.wake()
