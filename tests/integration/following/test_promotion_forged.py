"""What mnistctl verify makes of a promotion that the operator never wrote."""

from datetime import UTC, datetime

import pytest

from integration.following.test_promotion import (
    BETTER,
    GATE,
    HELD_OUT,
    WORSE,
    ask,
    train,
)
from integration.mnistctl_programs import fork_mnistctl
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import AUTOMATIC, Decision, Entry
from mnist_operator.ledger import LEDGER_FILE


@pytest.fixture(name="images")
async def _images(world, operator):
    """The commit with the held-out images."""
    await world.create_repo(HELD_OUT)
    return await world.push(HELD_OUT, images="held out")


async def test_mnistctl_verify_finds_a_promotion_that_was_made_up(world, images):
    """Somebody moves production to a model that was refused, and writes the line."""
    await world.apply(promotion=GATE | {"mode": "Manual"})
    first = await train(world, 0, BETTER)
    await ask(world, "Promote", "now")
    second = await train(world, 1, WORSE)
    where = {"PACHD_ADDRESS": world.settings.pachd_address}
    true = await fork_mnistctl("verify", second, "-o", "json", **where)
    line = Entry(
        datetime.now(UTC), Decision.PROMOTED, reason=AUTOMATIC, output=second,
        previous=first,
    )  # fmt: skip
    branch = Branch(
        Repo("default", "outputrepo_runs"), f"{world.namespace}_mnist_ledger"
    )
    await world.pachyderm.append(branch, LEDGER_FILE, line.to_line())
    forged = await fork_mnistctl("verify", second, "-o", "json", **where)

    def said(answer):
        checks = {each["check"]: each for each in answer.json["checks"]}
        return checks["promotion"]

    assert (0, "ok") == (true.status, said(true)["result"])
    assert "the ledger: Withheld, Worse" in said(true)["details"][0]
    assert (4, "failed") == (forged.status, said(forged)["result"])
    assert "but the gate said Worse" in said(forged)["details"][0]
