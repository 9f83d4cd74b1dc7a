"""Post Events: best effort, since losing one changes nothing."""

import logging
from datetime import datetime

from mnist_operator import announce
from mnist_operator.announce import Announcement
from mnist_operator.errors import UpstreamError
from mnist_operator.kube import Kube
from mnist_operator.plan import Story
from mnist_operator.reasons import Reason
from mnist_operator.resource import MnistTraining

__all__ = ["Herald", "post"]

_LOGGER = logging.getLogger(__name__)


async def post(
    kube: Kube, training: MnistTraining, announcement: Announcement, *, now: datetime
) -> None:
    """Post an Event; losing one changes nothing, so it never stops the work."""
    event = announce.build_event(training, announcement, now=now)
    _LOGGER.info("%s: %s", training.key, " ".join(event["message"].split()))
    try:
        await kube.create_event(training.namespace, event)
    except UpstreamError as error:
        _LOGGER.warning("%s: Event not posted: %s", training.key, error)


class Herald:
    """Posts what goes with the conditions of one training, once until they change."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self._told: Announcement | None = None
        self._stands: Reason | None = None

    async def tell(
        self, training: MnistTraining, story: Story, *, now: datetime
    ) -> None:
        """Post its Event; of a state that stands, only when its reason is new."""
        told, stands = announce.tell_story(story), announce.tell_standing(story)
        if told is not None and told != self._told:
            self._told = told
            await post(self._kube, training, told, now=now)
        # Its message may count what waits: that is no other state.
        before, self._stands = self._stands, stands.reason if stands else None
        if stands is not None and stands.reason is not before:
            await post(self._kube, training, stands, now=now)
