"""What is counted of commits, runs and models, as they come and go.

Beside `test_service_metrics`: together they move every metric that there is, which
`test_every_metric` holds them to.
"""

import time

import grpc
import pytest

from integration.world import EARLIEST, INPUT, OUTPUT
from local_cluster.faults import Fault
from mnist_operator.metric_families import FAMILIES, Kind
from mnist_operator.settings import Settings

DECISIONS = "decisions_total"
FINISHED = "runs_finished_total"


async def _settled(scraper, **decided):
    """Wait until so many decisions are counted, and the status shows the end."""

    def look(found):
        counts = {each: found.own(DECISIONS, decision=each) for each in decided}
        idle = (found.own("pending_commits"), found.own("active_runs")) == (0, 0)
        return counts == decided and idle

    return await scraper.until(look, f"decisions {decided}")


async def test_before_there_is_anything_to_count_all_is_there_and_zero(
    world, operator, scraper
):
    found = await scraper.until(
        lambda each: each.get("trainings") is not None, "the hub"
    )

    assert 0 == found.get("trainings")
    assert 0 == found.get("queue_depth")
    assert 0 == found.get("reconcile_errors_total", reason="SourceUnreachable")
    assert 0 == found.get("lineage_events_total", result="failed")
    assert 1 == found.sum("build_info")
    assert "_created" not in found.text
    described = {
        line.split()[2] for line in found.text.splitlines() if "# TYPE" in line
    }
    assert {each.full_name for each in FAMILIES.values()} <= described


async def _busy(world, scraper, gate):
    """Apply, push, and have the trainer wait at the gate."""
    await world.apply()
    await scraper.until(lambda each: each.own("training_ready") == 0, "a status")
    await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    return await scraper.until(lambda each: each.own("active_runs") == 1, "a run")


async def test_a_commit_is_counted_while_it_is_trained(world, operator, scraper, gate):
    busy = await _busy(world, scraper, gate)
    gate.open()

    assert 1 == busy.get("trainings")
    assert 1 == busy.own("commits_observed_total")
    assert 1 == busy.own("runs_started_total")
    assert 1 == busy.own("pending_commits")
    assert 0 < busy.own("oldest_pending_commit_age_seconds")
    assert 1 == busy.get("commit_to_job_seconds_count", namespace="team")
    assert 0 == busy.own(FINISHED, result="published")
    assert busy.own("model_accuracy_ratio") is None
    assert busy.own("last_success_timestamp_seconds") is None


async def test_a_model_is_counted_when_it_is_published(
    world, operator, scraper, gate, backend
):
    await _busy(world, scraper, gate)
    gate.open()
    await backend.told(2)
    await _settled(scraper, published=1, started=1, failed=0)
    done = await scraper.until(
        lambda each: (
            each.own("training_ready") == 1
            # A START and a COMPLETE.
            and each.get("lineage_events_total", result="sent") == 2
        ),
        "the end",
    )

    assert 1 == done.own(FINISHED, result="published")
    assert 1 == done.own("commits_observed_total")
    assert 1 == done.own("runs_started_total")
    assert 0.99 == done.own("model_accuracy_ratio")
    assert abs(time.time() - done.own("last_success_timestamp_seconds")) < 3600
    assert 0 == done.own("oldest_pending_commit_age_seconds")
    assert 0 == done.own("models_without_lineage")
    for name in ("commit_to_model_seconds", "publish_duration_seconds"):
        assert 1 == done.get(f"{name}_count", namespace="team")
        assert 0 < done.get(f"{name}_sum", namespace="team")
    assert 1 == done.sum("run_duration_seconds_count", result="published")
    assert 0 < done.sum("reconcile_duration_seconds_count")


async def test_a_failed_run_counts_once_however_often_it_is_looked_at(
    world, operator, scraper
):
    await world.apply(attempts={"limit": 1})
    await world.push(digits=1, exit=1, say="no digits")
    await _settled(scraper, failed=1)
    await world.change(historyLimits={"failed": 3})
    await world.ask("once more")
    found = await _settled(scraper, failed=2)

    assert 2 == found.own(FINISHED, result="failed")
    assert 1 == found.own("last_failure_info", reason="TrainerFailed")
    assert 2 == found.own("runs_started_total")
    assert 0 == found.own(DECISIONS, decision="published")
    assert 2 == found.sum("run_duration_seconds_count", result="failed")
    assert 1 == found.own("commits_observed_total")
    # The second was asked for by hand: how old its commit is says nothing.
    assert 1 == found.get("commit_to_job_seconds_count", namespace="team")
    assert 0 == found.sum("commit_to_model_seconds_count")


async def test_the_reason_of_a_failure_is_shown_until_a_run_goes_well(
    world, operator, scraper
):
    await world.apply(attempts={"limit": 1})
    say = '{"reason": "MadeUp4711", "message": "no digits"}'
    await world.push(digits=1, exit=1, say=say)
    made_up = await _settled(scraper, failed=1)
    await world.push(digits=2, exit=1, say="no")
    known = await _settled(scraper, failed=2)
    await world.push(digits=3)
    mended = await _settled(scraper, published=1)

    assert 1 == made_up.own("last_failure_info", reason="Other")
    assert "MadeUp4711" not in made_up.text
    assert 1 == known.own("last_failure_info", reason="TrainerFailed")
    assert 1 == known.sum("last_failure_info")
    assert 0 == mended.sum("last_failure_info")


async def test_a_run_that_a_newer_commit_replaces_is_canceled(
    world, operator, scraper, gate
):
    await world.apply(concurrencyPolicy="Replace", trigger=EARLIEST)
    await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await world.push(digits=2)
    found = await _settled(scraper, published=1, skipped=1)

    assert 1 == found.own(FINISHED, result="canceled")
    assert 1 == found.own(FINISHED, result="published")
    assert 2 == found.own("commits_observed_total")
    assert 1 == found.sum("run_duration_seconds_count", result="canceled")


async def test_an_attempt_that_is_tried_again_is_two_runs_and_one_decision(
    world, operator, scraper, tmp_path
):
    mark = tmp_path / "mended"
    await world.apply(attempts={"limit": 2, "backoffSeconds": 3600})
    await world.push(digits=1, exit=137, unless=str(mark))
    await scraper.until(lambda each: each.own(FINISHED, result="failed"), "a failure")
    mark.touch()
    await world.change(attempts={"backoffSeconds": 0})
    found = await _settled(scraper, published=1)

    assert 2 == found.own("runs_started_total")
    assert 1 == found.own(FINISHED, result="failed")
    assert 1 == found.own(FINISHED, result="published")
    assert 0 == found.own(DECISIONS, decision="failed")
    assert 1 == found.get("commit_to_job_seconds_count", namespace="team")


LOST = (grpc.StatusCode.UNKNOWN, "pg: deadlock detected")


@pytest.mark.parametrize(
    ("asked", "decision"),
    [
        pytest.param({}, "published", id="a-good-run"),
        pytest.param({"exit": 1}, "failed", id="a-bad-run"),
    ],
)
async def test_what_was_done_counts_once_also_where_nobody_was_told(
    world, operator, scraper, gate, asked, decision
):
    await world.apply(attempts={"limit": 1})
    error = (503, {"message": "too busy to say that it is done"})
    world.faults.add(Fault("kube.create.tfjobs", after=True, error=error))
    await world.push(digits=1, wait_for=str(gate), **asked)
    await gate.reached()
    # The end of the attempt; then what is published, and the line of the ledger.
    world.faults.add(Fault("pfs.FinishCommit", after=True, error=LOST))
    world.faults.add(Fault("pfs.ModifyFile", after=True, error=LOST, times=4))
    gate.open()
    found = await _settled(scraper, **{decision: 1})

    assert [] == list(world.faults)
    assert 1 == len(await world.entries())
    assert 1 == found.own("runs_started_total")
    assert 1 == found.own(FINISHED, result=decision)
    assert 1 == found.sum("run_duration_seconds_count")


async def test_commits_on_the_output_branch_without_a_record_are_told(
    world, operator, scraper
):
    await world.apply()
    await world.push(digits=1)
    await _settled(scraper, published=1)
    await world.push(OUTPUT, by="hand")
    await world.push(OUTPUT, by="another hand")
    await world.ask("now")  # The output branch is looked at when something happens.
    await scraper.until(
        lambda each: each.own("models_without_lineage") == 2, "two strangers"
    )
    await _settled(scraper, published=2)
    await scraper.until(
        lambda each: each.own("models_without_lineage") == 0, "a model on top of them"
    )


async def test_nothing_of_a_training_stays_when_it_is_deleted(world, operator, scraper):
    await world.apply()
    await world.push(digits=1)
    before = await _settled(scraper, published=1)
    await world.delete()
    after = await scraper.until(lambda each: each.get("trainings") == 0, "the end")

    wanted = {name for name, each in FAMILIES.items() if "training" in each.labels}
    trouble = {"training_stalled", "last_failure_info"}
    assert wanted - trouble == before.names_of("mnist")
    assert set() == after.names_of("mnist")
    assert '"team"' not in after.text
    feeds = {"project": INPUT.repo.project, "repo": INPUT.repo.name}
    assert after.get("feed_connected", **feeds) is None
    assert after.get("feed_reconnects_total", **feeds) is None


async def test_after_a_restart_everything_begins_at_zero_and_is_counted_once(
    world, operator, scraper
):
    await world.apply()
    await world.push(digits=1)
    await _settled(scraper, published=1)
    await operator.stop()
    await operator.start()
    again = await scraper.until(
        lambda each: each.own("model_accuracy_ratio") == 0.99, "the first look"
    )
    await world.push(digits=2)
    found = await _settled(scraper, published=1)

    assert 0 == again.own(DECISIONS, decision="published")
    assert 0 == again.own("commits_observed_total")
    assert 1 == again.own("training_ready")
    assert 1 == found.own("commits_observed_total")
    assert 1 == found.own(FINISHED, result="published")


def test_by_default_nobody_listens():
    assert 0 == Settings().metrics_port
    assert {Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM} == {
        each.kind for each in FAMILIES.values()
    }
