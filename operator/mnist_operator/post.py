"""Post Events: best effort, since losing one changes nothing."""

import logging
from datetime import datetime

from mnist_operator import announce
from mnist_operator.announce import Announcement
from mnist_operator.errors import UpstreamError
from mnist_operator.kube import Kube
from mnist_operator.resource import MnistTraining

__all__ = ["post"]

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
