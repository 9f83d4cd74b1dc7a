"""Secrets in use are read again in turn, and whoever names a changed one is told."""

import pytest

from mnist_operator.access import Access
from mnist_operator.errors import DeniedError, InvalidSpecError, UnreachableError
from mnist_operator.pachyderm import Connections
from mnist_operator.settings import Settings
from unit.builders import training

KEY = ("team", "t0")


class Secrets:
    """The API server's Secrets; an error in place of one is raised."""

    def __init__(self, count=1) -> None:
        self.values = {("team", f"t{n}"): {"token": b"one"} for n in range(count)}
        self.read = []

    async def read_secret(self, namespace, name):
        self.read.append(name)
        found = self.values.get((namespace, name))
        if isinstance(found, Exception):
            raise found
        return found


async def opened(secrets):
    """An Access that has read all of them, and a clock that is set by hand."""
    clock = [0.0]
    access = Access(secrets, Connections(), Settings(), lambda: clock[0])
    for _, name in secrets.values:
        clock[0] += 1.0
        await access.open(training(pachyderm={"secretRef": {"name": name}}))
    secrets.read.clear()
    return access, clock


async def test_one_that_was_read_a_moment_ago_is_not_read_again():
    secrets = Secrets()
    access, _ = await opened(secrets)

    assert set() == await access.refresh({KEY})
    assert [] == secrets.read


async def test_one_as_it_was_concerns_nobody_for_another_minute():
    secrets = Secrets()
    access, clock = await opened(secrets)
    clock[0] += 61

    assert set() == await access.refresh({KEY})
    assert set() == await access.refresh({KEY})
    assert ["t0"] == secrets.read


async def test_one_that_has_changed_or_gone_or_may_not_be_read_is_told():
    secrets = Secrets(3)
    access, clock = await opened(secrets)
    clock[0] += 61
    used = set(secrets.values)
    secrets.values["team", "t0"] = {"token": b"two"}
    secrets.values["team", "t1"] = DeniedError("kubernetes", "GET", "no")
    del secrets.values["team", "t2"]

    assert used == await access.refresh(used)
    assert set() == await access.refresh(used)


async def test_no_answer_says_nothing_and_is_asked_for_again():
    secrets = Secrets()
    access, clock = await opened(secrets)
    clock[0] += 61
    secrets.values[KEY] = UnreachableError("kubernetes", "GET", "away")
    silent = await access.refresh({KEY})
    secrets.values[KEY] = {"token": b"two"}

    assert set() == silent
    assert {KEY} == await access.refresh({KEY})


async def test_of_many_some_are_read_each_time_and_all_in_turn():
    secrets = Secrets(30)
    access, clock = await opened(secrets)
    clock[0] += 61
    used = set(secrets.values)
    await access.refresh(used)
    first = len(secrets.read)
    await access.refresh(used)

    assert 20 == first
    assert sorted(name for _, name in used) == sorted(secrets.read)


async def test_one_that_nobody_names_any_more_is_not_read():
    secrets = Secrets()
    access, clock = await opened(secrets)
    clock[0] += 61

    assert set() == await access.refresh(set())
    assert [] == secrets.read


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param(
            {"password": b"hush"},
            "Secret team/t0 is there, with key password alone: add key token with a"
            " Pachyderm token (or ca.crt, where authentication is off).",
            id="another-key",
        ),
        pytest.param({}, "Secret team/t0 is there, and empty: add key", id="none"),
        pytest.param(
            {f"{n}" * 90: b"hush" for n in range(9)},
            f"with key {', '.join(f'{n}' * 63 for n in range(5))}, … alone",
            id="many-long-keys",
        ),
        pytest.param(
            {"token": b" ", "password": b"hush"},
            "is there, and its key token is empty: put a Pachyderm token there.",
            id="an-empty-token",
        ),
        pytest.param(None, "Secret team/t0 does not exist; create it", id="no-secret"),
    ],
)
async def test_a_secret_of_no_use_is_told_with_the_names_of_its_keys(values, told):
    secrets = Secrets()
    secrets.values["team", "t0"] = values
    access = Access(secrets, Connections(), Settings(), lambda: 0.0)

    with pytest.raises(InvalidSpecError) as refused:
        await access.open(training(pachyderm={"secretRef": {"name": "t0"}}))

    assert told in str(refused.value)
    assert "hush" not in str(refused.value)
