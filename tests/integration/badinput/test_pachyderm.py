"""A Pachyderm that is elsewhere, slow, unwell or unwilling; and who else is there."""

import grpc
import pytest

from integration.operators import InProcess
from integration.world import DATA_PATH, EARLIEST, INPUT, OUTPUT
from local_cluster.faults import Fault
from mnist_operator.decisions import Decision

_SLOW = (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
_UNWELL = (grpc.StatusCode.UNKNOWN, "pg: too many clients already")
_NO_GRANT = (
    grpc.StatusCode.UNKNOWN,
    (
        "start commit: robot:mnist is not authorized to perform this operation - needs"
        " permissions [REPO_WRITE] on REPO default/outputrepo_runs"
    ),
)
_NO_PIN = (
    grpc.StatusCode.UNKNOWN,
    (
        "create branch: robot:mnist is not authorized to perform this operation - needs"
        " permissions [REPO_CREATE_BRANCH] on REPO default/inputrepo"
    ),
)
_NO_PROJECT = (grpc.StatusCode.NOT_FOUND, "project nowhere not found")


async def test_an_address_where_no_pachd_is_is_told_until_it_is_right(world, operator):
    await world.apply(pachyderm={"address": "127.0.0.1:1"})
    ready = await world.reason("SourceUnreachable")
    busy = await world.condition("Reconciling")

    await world.change(pachyderm={"address": None})
    commit = await world.push(digits=1)
    await world.model_of(commit)

    assert ("False", "True") == (ready["status"], busy["status"])
    for told in ("UNAVAILABLE", "127.0.0.1:1", "spec.pachyderm.address"):
        assert told in ready["message"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(_SLOW, "DEADLINE_EXCEEDED", id="slow"),
        pytest.param(_UNWELL, "UNKNOWN: pg: too many clients already", id="unknown"),
    ],
)
async def test_an_answer_that_is_none_is_told_and_asked_for_again(
    world, operator, error, told
):
    await world.apply()
    await world.reason("WaitingForData")
    commit = await world.push(digits=1)
    world.faults.add(Fault("pfs.InspectBranch", error, times=None))
    ready = await world.reason("SourceUnreachable")
    busy = await world.condition("Reconciling")

    world.faults.clear()
    await world.model_of(commit)

    assert f"pachd: InspectBranch: {told}" in ready["message"]
    assert ("False", "True") == (ready["status"], busy["status"])
    assert [commit] == await world.trained()


async def test_a_token_without_a_grant_is_told_with_the_grant(world):
    await world.apply(trigger=EARLIEST)
    commit = await world.push(digits=1)
    world.faults.add(Fault("pfs.StartCommit", _NO_GRANT, times=None))
    async with InProcess(world):
        ready = await world.reason("AccessDenied")
        stalled = await world.condition("Stalled")

        world.faults.clear()
        await world.model_of(commit)

    assert "True" == stalled["status"]
    for told in ("[REPO_WRITE] on REPO default/outputrepo_runs", "its grants"):
        assert told in ready["message"]


@pytest.mark.parametrize("remedy", ["the grant", "Metadata"])
async def test_a_token_that_may_not_pin_the_input_is_told_before_anything_is_trained(
    world, operator, remedy
):
    await world.apply()
    await world.reason("WaitingForData")
    world.faults.add(Fault("pfs.CreateBranch", _NO_PIN, times=None))
    commit = await world.push(digits=1)
    ready = await world.reason("AccessDenied")
    stalled, jobs = await world.condition("Stalled"), await world.jobs()

    if remedy == "the grant":
        world.faults.clear()
    else:
        await world.change(output={"provenance": "Metadata"})
    await world.model_of(commit)

    assert ("True", []) == (stalled["status"], jobs)
    assert "grant the token repoWriter on default/inputrepo" in ready["message"]
    [model] = await world.commits()
    made_of = ((INPUT.repo, commit),) if remedy == "the grant" else ()
    assert made_of == model.provenance


async def test_a_project_that_is_not_there_is_told_by_its_field(world):
    world.faults.add(Fault("pfs.CreateRepo", _NO_PROJECT, times=None))
    await world.apply(output={"project": "nowhere"})
    async with InProcess(world):
        ready = await world.reason("InvalidSpec")

        world.faults.clear()
        await world.push(digits=1)
        trained = await world.reason("UpToDate")

    assert "spec.output.project" in ready["message"]
    assert "no project nowhere; create it" in ready["message"]
    assert "True" == trained["status"]


async def test_commits_of_others_on_the_output_branch_stay_and_ours_follow(
    world, operator
):
    await world.create_repo(OUTPUT)
    before = await world.push(OUTPUT, theirs=1)
    await world.apply()
    first = await world.model_of(await world.push(digits=1))
    between = await world.push(OUTPUT, theirs=2)
    second = await world.model_of(await world.push(digits=2))
    await world.reason("UpToDate")

    assert [before, first.commit, between, second.commit] == [
        each.id for each in await world.commits(OUTPUT)
    ]
    for commit, theirs in ((before, 1), (between, 2)):
        kept = await world.content(OUTPUT.repo, commit, DATA_PATH)
        assert {"theirs": theirs} == kept
    assert DATA_PATH not in await world.paths(OUTPUT.repo, second.commit)
    assert 2 == len(await world.entries())


async def test_a_commit_that_changes_nothing_is_skipped_on_the_record(world, operator):
    await world.apply()
    await world.model_of(await world.push(digits=1))
    empty = await world.pachyderm.start_commit(INPUT, description="")
    await world.pachyderm.finish_commit(INPUT.repo, empty)
    entry = await world.decision(empty)
    following = await world.push(digits=2)
    await world.model_of(following)

    assert (Decision.SKIPPED, "ContentUnchanged") == (entry.decision, entry.reason)
    assert "Its files are those of input commit" in entry.message
