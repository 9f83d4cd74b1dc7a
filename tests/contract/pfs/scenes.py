"""Where preludes are registered, and what several of them do."""

from collections.abc import Callable
from typing import Any

from contract.pfs.clients import Background
from contract.pfs.player import Hooks, Player, Special

__all__ = [
    "EXTRA",
    "HOOKS",
    "KINDS",
    "MODEL",
    "after",
    "before",
    "files",
    "finish",
    "head",
    "history",
    "in_short",
    "looks",
    "make_repos",
    "once",
    "push",
    "start",
    "subscribe",
]

HOOKS = Hooks()

MODEL = "/data/my_model.h5"
EXTRA = "/data/extra.txt"
KINDS = {"ORIGIN_KIND_UNKNOWN": 0, "USER": 1, "AUTO": 2}


def _register(
    table: dict[tuple[int, str], Special], scenario: int, *names: str
) -> Callable[[Special], Special]:
    def keep(special: Special) -> Special:
        for name in names:
            assert (scenario, name) not in table, f"{name} twice"
            table[scenario, name] = special
        return special

    return keep


def before(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.before, scenario, *names)


def after(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.after, scenario, *names)


def once(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.once, scenario, *names)


def looks(scenario: int, *names: str) -> Callable[[Special], Special]:
    return _register(HOOKS.looks, scenario, *names)


# -- what several scenarios do ---------------------------------------------


def make_repos(player: Player, *names: str) -> None:
    for name in names:
        player.grpc.create_repo(player.names.repo(name))


def push(
    player: Player, repo: str, branch: str, token: str, files: dict[str, bytes]
) -> None:
    commit = player.grpc.push(player.names.repo(repo), branch, files)
    player.names.bind(token, commit)


def start(player: Player, repo: str, branch: str, token: str) -> None:
    player.names.bind(token, player.grpc.start(player.names.repo(repo), branch))


def finish(player: Player, repo: str, token: str) -> None:
    player.grpc.finish(player.names.repo(repo), player.names.bound[token])


def files(player: Player, repo: str, token: str) -> list[list[Any]]:
    finish(player, repo, token)
    return player.grpc.files(player.names.repo(repo), player.names.bound[token])


def subscribe(player: Player, repo: str, timeout: float, **more: Any) -> Background:
    named = {"name": player.names.repo(repo), "type": "user"}
    request = {"repo": named, **player.names.request(more)}
    return Background(player.grpc.stream("SubscribeCommit", request, timeout))


def in_short(player: Player, repo: str, identity: str) -> dict[str, Any]:
    """Return a commit as the recording's short form has it."""
    named = {"repo": {"name": player.names.repo(repo), "type": "user"}}
    info = player.grpc.call("InspectCommit", {"commit": {**named, "id": identity}})
    provenance = [
        [each["repo"]["name"], each["id"]] for each in info.get("direct_provenance", [])
    ]
    return {
        "id": info["commit"]["id"],
        "origin": KINDS[info["origin"]["kind"]],
        "description": info.get("description", ""),
        "parent": info.get("parent_commit", {}).get("id", ""),
        "provenance": provenance,
        "finishing": "finishing" in info,
        "finished": "finished" in info,
        "error": info.get("error", ""),
    }


def head(player: Player, repo: str, branch: str) -> dict[str, Any]:
    return in_short(player, repo, player.grpc.head(player.names.repo(repo), branch))


def history(player: Player, repo: str, branch: str) -> list[dict[str, Any]]:
    """Return a branch's commits as the recording's other short form has them."""
    named = {"name": player.names.repo(repo), "type": "user"}
    to = {"repo": named, "branch": {"repo": named, "name": branch}}
    call = player.grpc.stream("ListCommit", {"repo": named, "to": to})
    briefs = []
    for message in call:
        brief = in_short(player, repo, message.commit.id)
        brief["provenance"] = [identity for _, identity in brief["provenance"]]
        del brief["finishing"], brief["parent"]
        briefs.append(brief)
    return briefs
