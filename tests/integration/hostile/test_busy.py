"""What pachd refuses for lack of time slows all calls down, and nothing else does."""

import grpc
import pytest

from mnist_operator.commits import Repo
from mnist_operator.errors import UpstreamError

_REPO, _ID = Repo("default", "inputrepo"), "5b77a6c1a16d496b83f8a78a05179168"


@pytest.mark.parametrize(
    ("refused", "slower"),
    [
        pytest.param("too many requests", True, id="it has no time"),
        pytest.param("Received message larger than max (2 vs. 1)", False, id="a size"),
    ],
)
async def test_only_a_server_without_time_slows_all_others_down(
    pachd, client, refused, slower
):
    limit = client.calls.turns.limit
    pachd.refusal = grpc.StatusCode.RESOURCE_EXHAUSTED, refused
    with pytest.raises(UpstreamError):
        await client.commit(_REPO, _ID)

    assert slower == (client.calls.turns.limit < limit)
