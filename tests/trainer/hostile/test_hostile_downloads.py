"""What is pushed broken is refused for good; what breaks on its way to us is not."""

import io
import itertools
from datetime import UTC, datetime

import numpy as np
import pytest

from mnist_trainer import fetch
from mnist_trainer.config import read_config
from mnist_trainer.errors import DataError, UnreachableError
from mnist_trainer.narrator import Narrator
from mnist_trainer.phases import Clock, Phases
from mnist_trainer.session import Session
from trainer.buckets import SOURCE, TARGET, Storage
from trainer.hostile.breaking import Break, answer, serve
from trainer.hostile.forgeries import Trap, sound_arrays
from trainer.samples import pack

PATH = f"/{SOURCE}/data/mnist.npz"
SOUND = pack(sound_arrays())
HEAD = len(answer(SOUND)) - len(SOUND)
WAIT = 120


@pytest.fixture(scope="module")
def gateway():
    with serve() as breaking:
        yield breaking


@pytest.fixture(scope="module")
def storage(gateway):
    return Storage(gateway.endpoint, AWS_MAX_ATTEMPTS="2")


@pytest.fixture
def get(gateway, storage, tmp_path):
    """Fetch and check the data as a run does, with what goes wrong on the way."""
    variables = {
        "S3_ENDPOINT": gateway.endpoint,
        "S3_USE_HTTPS": "0",
        "INPUT_BUCKET": SOURCE,
        "OUTPUT_BUCKET": TARGET,
    }
    session = Session(
        config=read_config([], variables),
        storage=storage,
        scratch=tmp_path,
        narrator=Narrator(io.StringIO()),
        phases=Phases(
            Clock(
                now=lambda: datetime.now(UTC),
                seconds=itertools.count().__next__,
            )
        ),
        threads=1,
        started_at=datetime.now(UTC),
    )

    def fetched(content, *breaks):
        gateway.objects[PATH] = content
        gateway.breaks[:] = breaks
        gateway.asked.clear()
        return fetch.start_fetching(session).result(WAIT)

    return fetched


def test_a_byte_that_changes_anywhere_on_its_way_is_never_trained_on(get, gateway):
    """Nor is whoever pushed the file blamed for it; a few bytes mean nothing."""
    sound = get(SOUND).dataset
    told = []
    for place in range(0, len(SOUND), 40):
        found = _try(get, Break(flipped=HEAD + place))
        if isinstance(found, str):
            told.append(found)
            assert "it was another one when it was fetched again" in found, place
            assert 2 == len(gateway.asked), place
        else:
            assert (sound.train.images == found.train.images).all(), place
            assert sound.names == found.names, place

    assert len(told) > len(SOUND) / 40 / 2


def _try(get, broken):
    try:
        return get(SOUND, broken).dataset
    except UnreachableError as error:
        return str(error)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SOUND[:-40], id="the-end-is-missing"),
        pytest.param(SOUND[:500] + SOUND[501:], id="a-byte-is-missing"),
        pytest.param(b"", id="all-is-missing"),
        pytest.param(pack(sound_arrays() | {"y_train": [7] * 6}), id="no-data"),
    ],
)
def test_what_was_pushed_like_that_is_refused_for_good(get, gateway, content):
    with pytest.raises(DataError, match=r"/data/mnist\.npz: "):
        get(content)

    assert 2 == len(gateway.asked)


def test_a_trap_in_the_data_is_not_sprung(get, tmp_path):
    """Unpickled by anybody, it would leave a file behind."""
    mark = tmp_path / "executed"
    file = io.BytesIO()
    trapped = np.array([Trap(mark)] * 6, dtype=object)
    np.savez(file, **sound_arrays() | {"x_train": trapped})

    with pytest.raises(DataError, match="which are never unpickled here: save"):
        get(file.getvalue())

    assert not mark.exists()
    file.seek(0)
    with np.load(file, allow_pickle=True) as archive:
        archive["x_train"]
    assert mark.exists()


def test_what_cannot_be_fetched_again_is_worth_another_attempt(get):
    with pytest.raises(UnreachableError, match="failed 2 times"):
        get(SOUND[:-40], Break(), Break(sent=30), Break(sent=30))
