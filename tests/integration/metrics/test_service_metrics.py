"""What is counted of pachd, of the API server, and of the operator's own work."""

from base64 import b64encode

from integration.operators import InProcess
from integration.world import INPUT, World
from local_cluster.faults import Fault

FEED = {"project": INPUT.repo.project, "repo": INPUT.repo.name}
REASON = "SourceUnreachable"


async def test_requests_are_counted_by_method_and_what_came_of_them(
    world, operator, scraper
):
    await world.apply()
    await world.push(digits=1)
    await world.shows("UpToDate")
    found = await scraper.scrape()

    calls = "pachyderm_requests_total"
    assert 1 <= found.get(calls, method="InspectBranch", code="OK")
    assert 1 <= found.get(calls, method="ModifyFile", code="OK")
    asked = "kubernetes_requests_total"
    assert 1 == found.get(asked, method="POST", resource="tfjobs", code="201")
    status = {"method": "PATCH", "resource": "mnisttrainings", "code": "200"}
    assert 1 <= found.get(asked, **status)
    took = "kubernetes_request_duration_seconds"
    assert found.sum(asked, method="PATCH") == found.get(
        f"{took}_count", method="PATCH"
    )
    took = "pachyderm_request_duration_seconds"
    uploads = found.get(f"{took}_count", method="ModifyFile")
    assert found.sum(calls, method="ModifyFile") == uploads
    # It lasts as long as the operator: no duration of it says anything.
    assert found.get(f"{took}_count", method="SubscribeCommit") is None


async def test_while_pachd_is_away_that_can_be_seen_and_told_from_a_fault(
    world, operator, scraper
):
    await world.apply()
    await world.push(digits=1)
    await world.shows("UpToDate")
    before = await scraper.until(lambda each: each.get("feed_connected", **FEED), "it")
    await world.cluster.pachd.stop()
    away = await scraper.until(
        lambda each: (
            each.get("feed_connected", **FEED) == 0
            and each.get("reconcile_errors_total", reason=REASON)
            and each.own("training_ready") == 0
            and each.sum("pachyderm_requests_total", code="UNAVAILABLE")
        ),
        "the outage",
    )
    await world.cluster.pachd.start()
    back = await scraper.until(
        lambda each: (
            each.get("feed_connected", **FEED) == 1
            and each.get("feed_reconnects_total", **FEED)
            and each.own("training_ready") == 1
        ),
        "the end of the outage",
    )

    assert 0 == before.get("feed_reconnects_total", **FEED)
    assert 0 == before.get("reconcile_errors_total", reason=REASON)
    assert 0 == away.get("reconcile_errors_total", reason="InternalError")
    assert 1 <= back.get("feed_reconnects_total", **FEED)
    # What was known before the outage is not forgotten in it.
    assert 0.99 == away.own("model_accuracy_ratio")


async def test_a_training_that_cannot_go_on_has_its_reason_as_long_as_it_stands(
    world, operator, scraper
):
    await world.apply(pachyderm={"secretRef": {"name": "nowhere"}})
    stalled = await scraper.until(
        lambda each: each.own("training_stalled", reason="InvalidSpec"), "the reason"
    )
    await world.change(pachyderm=None)
    mended = await scraper.until(
        lambda each: each.sum("training_stalled") == 0, "the end of it"
    )

    assert 1 == stalled.own("training_stalled", reason="InvalidSpec")
    assert 0 == stalled.own("training_ready")
    assert 1 <= stalled.get("reconcile_errors_total", reason="InvalidSpec")
    assert "nowhere" not in stalled.text
    assert mended.own("training_stalled", reason="InvalidSpec") is None


async def test_an_api_server_that_refuses_or_hangs_up_is_counted(
    world, operator, scraper
):
    await world.apply()
    await world.shows("WaitingForData")
    world.faults.add(Fault("kube.list.tfjobs", error=(503, {"message": "not now"})))
    world.faults.add(Fault("kube.list.tfjobs", drop=True, times=None))
    await world.ask("now")
    await world.push(digits=1)
    jobs = {"method": "GET", "resource": "tfjobs"}
    asked = "kubernetes_requests_total"
    found = await scraper.until(
        lambda each: each.get(asked, **jobs, code="error"), "both"
    )
    world.faults.clear()

    assert 1 == found.get(asked, **jobs, code="503")
    assert 1 <= found.get(asked, **jobs, code="error")


async def test_those_that_wait_to_be_looked_at_are_counted(world, scraper, monkeypatch):
    monkeypatch.setenv("MNIST_OPERATOR_LOOKS", "1")
    world.faults.add(Fault("pfs.*", delay_seconds=3, times=None))
    for name in ("first", "second", "third"):
        await world.apply(name)
    async with InProcess(world):
        found = await scraper.until(
            lambda each: each.get("queue_depth") == 2, "the queue"
        )
        world.faults.clear()
        await scraper.until(lambda each: each.get("queue_depth") == 0, "its end")

    assert 3 == found.get("trainings")


async def test_no_series_has_a_secret_or_a_commit_in_it(tmp_path, scraper):
    async with World(tmp_path, token="hush-hush") as world:
        await world.create_repo()
        async with InProcess(world):
            await scraper.until(lambda each: each.samples, "the port")
            secret = {"metadata": {"name": "pachyderm"}}
            secret["data"] = {"token": b64encode(b"hush-hush").decode()}
            await world.kube.call("POST", world.core("secrets"), secret)
            await world.apply(pachyderm={"secretRef": {"name": "pachyderm"}})
            commit = await world.push(digits=1)
            model = await world.model_of(commit)
            found = await scraper.until(
                lambda each: each.own("model_accuracy_ratio"), "the model"
            )

    for word in ("hush", commit, model.commit, model.run):
        assert word not in found.text
