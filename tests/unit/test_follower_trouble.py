"""Whatever is wrong with a MnistTraining, it is followed on."""

import asyncio

import pytest

from mnist_operator.follower import Follower
from unit.bare_engine import make_engine


class _Kube:
    """An API server with one MnistTraining, of which nothing need be as it should."""

    def __init__(self, **meta) -> None:
        self.body = {"metadata": {"namespace": "team", "name": "mnist", **meta}}
        self.asked = 0

    async def get_training(self, *_):
        self.asked += 1
        return self.body


@pytest.mark.parametrize(
    "meta",
    [
        pytest.param({}, id="no uid"),
        pytest.param({"uid": "u", "creationTimestamp": "soon"}, id="no such time"),
        pytest.param({"uid": "u", "generation": "first"}, id="no such generation"),
    ],
)
async def test_one_whose_metadata_cannot_be_read_is_looked_at_again(caplog, meta):
    kube = _Kube(**meta)
    engine = make_engine(kube, resync_seconds=60)
    follower = Follower(engine, "team", "mnist")
    following = asyncio.create_task(follower.follow())

    async with asyncio.timeout(60):
        while kube.asked < 2:
            follower.wake()
            await asyncio.sleep(0.01)

    assert not following.done()
    assert "team/mnist: status not written" in caplog.text
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
