"""What all groups of calls share: the world, and how a request names a commit."""

from typing import Any

from local_cluster.pachd.errors import no_role_binding
from local_cluster.pachd.messages import commit_name
from local_cluster.pachd.records import Commit, RepoKey
from local_cluster.pachd.world import World

__all__ = ["Calls"]


class Calls:
    """A group of calls that act upon one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def find(self, message: Any) -> Commit:
        """Return the commit that a request names, or refuse."""
        repo, name = commit_name(message)
        return self.world.commits.find(self.authorized(repo), name)

    def authorized(self, repo: RepoKey) -> RepoKey:
        """Return a repo, or refuse where rights are asked for before it is looked for.

        With auth on a repo has a role binding from its beginning to its end; whoever
        holds the token may do everything with each.
        """
        if self.world.auth and repo not in self.world.store.repos:
            raise no_role_binding(repo)
        return repo
