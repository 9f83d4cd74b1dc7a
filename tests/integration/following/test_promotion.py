"""The production branch: what reaches it, what does not, and what a rollback does.

The trainer says of the held-out images what the data say (`counts`): both right, the
champion alone, it alone, neither, and how many of them either was trained on.
"""

import pytest

from integration.mnistctl_programs import fork_mnistctl
from integration.world import OUTPUT, environment, until
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.promotion_spec import (
    PROMOTION_COMMIT,
    PROMOTION_FORCED,
    PROMOTION_REQUEST,
    PROMOTION_REQUESTED_AT,
)
from mnist_operator.test_result import PROMOTION_FILE

HELD_OUT = Branch(Repo("default", "held_out"), "master")
PRODUCTION = Branch(OUTPUT.repo, "production")
GATE = {"heldOut": {"repo": "held_out", "branch": "master"}}
BETTER, EQUAL, WORSE = "90 0 9 1", "95 2 2 1", "70 25 0 5"


@pytest.fixture(name="images")
async def _images(world, operator):
    """The commit with the held-out images."""
    await world.create_repo(HELD_OUT)
    return await world.push(HELD_OUT, images="held out")


async def train(world, digits, counts):
    """Push, and wait for the model and for what is decided about it."""
    commit = await world.push(digits=digits, counts=counts)
    model = (await world.model_of(commit)).commit

    async def decided():
        lines = await moves(world)
        about = [each for each in lines if each.output == model]
        waits = (await world.status()).get("promotion") or {}
        return about or (waits.get("reason") == "Waiting" and waits)

    await until(decided, f"a decision about {model}")
    return model


async def moves(world):
    """The ledger's lines about production."""
    lines = await world.entries()
    kinds = {Decision.PROMOTED, Decision.WITHHELD}
    return [each for each in lines if each.decision in kinds]


async def told(world):
    return [each.reason for each in await moves(world)]


async def production(world):
    return await world.pachyderm.branch_head_id(PRODUCTION)


async def ask(world, kind, at, commit="", forced=""):
    """Ask by annotation, and return the status that answers."""
    annotations = {PROMOTION_REQUESTED_AT: at, PROMOTION_REQUEST: kind}
    annotations |= {PROMOTION_COMMIT: commit, PROMOTION_FORCED: forced}
    patch = {"metadata": {"annotations": annotations}}
    await world.kube.call("PATCH", f"{world.trainings}/mnist", patch)

    async def answered():
        status = (await world.status()).get("promotion") or {}
        return status if status.get("lastHandledRequestAt") == at else None

    return await until(answered, f"an answer to {at}")


async def test_the_first_and_each_better_model_is_promoted(world, images):
    await world.apply(promotion=GATE)
    first = await train(world, 0, BETTER)
    second = await train(world, 1, BETTER)
    third = await train(world, 2, EQUAL)

    async def shown():
        status = (await world.status()).get("promotion") or {}
        return status if status.get("productionCommit") == third else None

    status = await until(shown, "the third model in the status")
    assert third == await production(world)
    assert ["Automatic"] * 3 == await told(world)
    assert [first, second] == [each.previous for each in await moves(world)][1:]
    assert ("Passed", "InProduction") == (status["verdict"], status["reason"])
    assert "p = 0.688 (McNemar's test" in status["message"]
    assert 3 == len(await world.told("Promoted"))


async def test_each_job_is_told_the_pinned_images_and_the_champion(world, images):
    await world.apply(promotion=GATE)
    first = await train(world, 0, BETTER)
    data = (await world.models())[0].input_commit
    await world.push(HELD_OUT, images="others")
    second = await train(world, 1, BETTER)
    runs = {each.commit: each.tfjob for each in await world.models()}
    by_name = {each["metadata"]["name"]: each for each in await world.jobs()}

    def given(model):
        names = environment(by_name[runs[model]]).items()
        wanted = ("HELD_OUT", "CHAMPION")
        return {k: v["value"] for k, v in names if k.startswith(wanted)}

    assert {
        "HELD_OUT_BUCKET": f"{images}.master.held_out",
        "HELD_OUT_DATA": "data/mnist.npz",
    } == given(first)
    head = await world.pachyderm.branch_head_id(HELD_OUT)
    assert {
        "HELD_OUT_BUCKET": f"{head}.master.held_out",
        "HELD_OUT_DATA": "data/mnist.npz",
        "CHAMPION_BUCKET": f"{first}.master.outputrepo",
        "CHAMPION_MODEL": "my_model.h5",
        "CHAMPION_DATA_BUCKET": f"{data}.master.inputrepo",
        "CHAMPION_DATA": "data/mnist.npz",
    } == given(second)


async def test_the_gates_word_is_a_file_of_the_model_and_in_its_record(world, images):
    await world.apply(promotion=GATE)
    model = await train(world, 0, BETTER)
    record = await world.content(OUTPUT.repo, model, LINEAGE_FILE)
    result = await world.content(OUTPUT.repo, model, PROMOTION_FILE)

    assert "promotion.json" in [each["name"] for each in record["subject"]]
    assert "PASSED" == result["predicate"]["result"]
    assert "https://in-toto.io/attestation/test-result/v0.1" == result["predicateType"]


@pytest.mark.parametrize(
    ("counts", "reason", "event"),
    [
        pytest.param(WORSE, "Worse", "PromotionRefused", id="worse"),
        pytest.param("95 0 0 5 3 0", "Leaked", "PromotionRefused", id="leaked"),
        pytest.param("95 0 0 5 0 3", "Leaked", "PromotionRefused", id="leaked-before"),
        pytest.param(None, "NotCompared", "PromotionHeld", id="not-compared"),
    ],
)
async def test_what_does_not_pass_stays_out(world, images, counts, reason, event):
    await world.apply(promotion=GATE)
    first = await train(world, 0, BETTER)
    second = await train(world, 1, counts)

    assert first == await production(world)
    assert ["Automatic", reason] == await told(world)
    assert 1 == len(await until(lambda: world.told(event), event))
    assert second == (await world.models())[-1].commit


async def test_manual_waits_to_be_asked(world, images):
    await world.apply(promotion=GATE | {"mode": "Manual"})
    model = await train(world, 0, BETTER)

    assert await production(world) is None
    status = await ask(world, "Promote", "now")
    assert model == await production(world) == status["productionCommit"]
    assert ["Requested"] == await told(world)


async def test_a_rollback_stays_also_for_another_operator(world, images, operator):
    await world.apply(promotion=GATE)
    first, second = [await train(world, digit, BETTER) for digit in (0, 1)]
    await ask(world, "Rollback", "back")
    await operator.stop()
    await operator.start()
    third = await train(world, 2, WORSE)

    assert first == await production(world)
    assert ["Automatic", "Automatic", "RolledBack", "Worse"] == await told(world)
    status = await ask(world, "Promote", "forth", second)
    assert "ChampionChanged" not in status["lastAnswer"]
    assert second == await production(world)
    assert third != second


async def test_a_model_that_was_compared_with_another_one_is_held(world, images, gate):
    await world.apply(promotion=GATE)
    first, _ = [await train(world, digit, BETTER) for digit in (0, 1)]
    commit = await world.push(digits=2, counts=BETTER, wait_for=str(gate))
    await gate.reached()
    await ask(world, "Rollback", "back")
    gate.open()
    await world.model_of(commit)
    await until(lambda: world.told("PromotionHeld"), "PromotionHeld")

    assert first == await production(world)
    assert "ChampionChanged" == (await told(world))[-1]


async def test_what_the_gate_refused_is_promoted_by_force_alone(world, images):
    await world.apply(promotion=GATE)
    await train(world, 0, BETTER)
    second = await train(world, 1, WORSE)
    refused = await ask(world, "Promote", "now")

    assert "Worse" in refused["lastAnswer"]
    await ask(world, "Promote", "again", forced="an exception for the fair")
    line = (await moves(world))[-1]
    assert second == await production(world)
    assert ("Forced", "again") == (line.reason, line.request)
    assert "an exception for the fair" in line.message


async def test_mnistctl_asks_and_tells_what_came_of_it(world, images):
    await world.apply(promotion=GATE)
    first = await train(world, 0, BETTER)
    second = await train(world, 1, WORSE)
    where = {"KUBECONFIG": str(world.settings.kubeconfig)}
    name = f"{world.namespace}/mnist"

    async def run(*arguments):
        return await fork_mnistctl(*arguments, **where)

    refused = await run("promote", name)
    assert 1 == refused.status
    assert "production stays as it is: Worse: " in refused.err
    forced = await run("promote", name, second[:12], "--force", "for the fair")
    assert (0, "") == (forced.status, forced.err)
    assert f"Promoted: {second}: Forced: " in forced.out
    back = await run("rollback", name)
    assert f"Promoted: {first}: RolledBack: " in back.out
    assert first == await production(world)
    nothing = await run("rollback", name)
    assert "NothingBefore" in nothing.err
    unknown = await run("promote", name, "abcdef")
    assert 3 == unknown.status
    await world.change(promotion={"mode": "Off"})
    off = await run("promote", name)
    assert (1, True) == (off.status, "spec.promotion.mode is Off" in off.err)


async def test_mnistctl_history_explain_and_verify_know_of_it(world, images):
    await world.apply(promotion=GATE)
    first = await train(world, 0, BETTER)
    second = await train(world, 1, WORSE)
    where = {"PACHD_ADDRESS": world.settings.pachd_address}
    commit = (await world.models())[0].input_commit
    name = ("mnist", "-n", world.namespace)

    history = await fork_mnistctl("history", *name, **where)
    story = await fork_mnistctl("explain", *name, commit, "-o", "json", **where)
    verified = await fork_mnistctl("verify", first, "-o", "json", **where)

    promoted, withheld = story.json["production"], history.out.split("Withheld")
    assert [("Promoted", first)] == [
        (each["decision"], each["modelCommit"]) for each in promoted
    ]
    assert 2 == len(withheld)
    assert second in withheld[1]
    assert 0 == verified.status
    record = await world.content(OUTPUT.repo, first, LINEAGE_FILE)
    assert "promotion.json" in {each["name"] for each in record["subject"]}


async def test_without_a_promotion_nothing_is_compared(world, operator):
    await world.apply(promotion=GATE | {"mode": "Off"})
    commit = await world.push(digits=0, counts=BETTER)
    model = (await world.model_of(commit)).commit
    await world.shows(lastModelCommit=model)
    [job] = await world.jobs()

    assert await production(world) is None
    assert not [e for e in environment(job) if e.startswith(("HELD", "CHAMPION"))]
    assert "/promotion.json" not in await world.paths(OUTPUT.repo, model)
    assert "promotion" not in {k for k, v in (await world.status()).items() if v}


async def test_without_images_models_are_published_and_held(world, operator):
    await world.apply(promotion=GATE)
    await train(world, 0, BETTER)

    assert ["NotCompared"] == await told(world)
    assert await production(world) is None
