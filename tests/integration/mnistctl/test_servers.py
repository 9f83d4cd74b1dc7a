"""Servers that are gone or want a token, and questions that cannot be meant."""

import pytest

from integration.mnistctl_world import World, run_mnistctl
from local_cluster.pachd import Pachd
from mnist_operator.pachyderm import Connection, Pachyderm


async def test_a_pachd_that_is_not_there_is_said(tmp_path):
    async with Pachd(tmp_path / "gone") as server:
        address = server.address

    answer = await run_mnistctl("lineage", PACHD_ADDRESS=address)

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert f"pachd at {address} does not answer" in answer.err
    assert "--address or PACHD_ADDRESS" in answer.err


async def test_a_pachd_without_tls_that_is_asked_with_it_is_one_line_too(pachd):
    answer = await run_mnistctl("lineage", PACHD_ADDRESS=f"grpcs://{pachd.address}")

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert "grpcs:// where it speaks TLS" in answer.err


async def test_a_token_opens_the_door_and_is_never_shown(tmp_path):
    token = "hush-7e57"
    (tmp_path / "token").write_text(f"{token}\n")
    (tmp_path / "other").write_text("hush-wrong\n")
    async with Pachd(tmp_path / "p", token=token, finish_seconds=0.01) as server:
        client = Pachyderm(Connection(server.address, token=token))
        world = World(client)
        await world.start()
        await world.publish()
        await client.close()

        async def ask(*options, **env):
            return await run_mnistctl(
                "lineage", *options, PACHD_ADDRESS=server.address, **env
            )

        good = [
            await ask(PACHYDERM_TOKEN=token),
            await ask("--token-file", str(tmp_path / "token")),
        ]
        wrong = await ask("--token-file", str(tmp_path / "other"))
        none = await ask()

    assert [0, 0, 1, 1] == [each.status for each in (*good, wrong, none)]
    assert "refused the token" in wrong.err
    assert "set PACHYDERM_TOKEN, or name a file" in none.err
    for each in (*good, wrong, none):
        assert "hush" not in each.out + each.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["lineage", "out/put/repo@x"], "names no model", id="ref"),
        pytest.param(["lineage", "--at", "soon"], "is no time", id="time"),
        pytest.param(["lineage", "abc", "--at", "1d"], "--at asks a branch",
                     id="time-of-a-commit"),
        pytest.param(["lineage", "--address", "grpc://me:hush@pachd"],
                     "it is not host:port", id="password-in-the-address"),
        pytest.param(["history", "mnist", "--repo", "a/b"], "--repo", id="repo"),
        pytest.param(["runs", "mnist", "--commit", "master"], "neither a commit's ID",
                     id="commit"),
        pytest.param(["get", "a/b/c"], "'a/b/c' is no name", id="name"),
        pytest.param(["watch", "team/"], "'team/' is no name", id="half-a-name"),
        pytest.param(["get", "mnist", "-A"], "--all-namespaces and NAME exclude",
                     id="one-of-all"),
        pytest.param(["get", "-n", "team", "-A"], "--all-namespaces and --namespace",
                     id="one-namespace-of-all"),
        pytest.param(["watch", "mnist", "--timeout", "0"], "--timeout", id="no-time"),
        pytest.param(["get"], "there is no kubeconfig /nonexistent/.kube/config: name"
                     " one with --kubeconfig or KUBECONFIG", id="no-kubeconfig"),
        pytest.param(["get", "--kubeconfig", "/nowhere"],
                     "there is no kubeconfig /nowhere", id="another-kubeconfig"),
        pytest.param(["get", "--kubeconfig", "/dev/null/x:/etc/hostname"],
                     "/etc/hostname cannot be used", id="something-else"),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_a_usage_error(arguments, said):
    answer = await run_mnistctl(*arguments, PACHD_ADDRESS="127.0.0.1:1")

    assert (2, "") == (answer.status, answer.out)
    assert said in answer.err
    assert "hush" not in answer.err
