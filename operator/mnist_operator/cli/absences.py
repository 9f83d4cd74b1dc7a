"""Why a commit that was asked for is not there: looked up, and said with a remedy."""

from mnist_operator.cli.references import Reference, is_whole
from mnist_operator.commits import Branch
from mnist_operator.pachyderm import Pachyderm

__all__ = ["explain_absence", "explain_unknown"]


async def explain_absence(
    client: Pachyderm, branch: Branch, *, what: str = "finished model"
) -> str:
    """Why a branch has none of what was wanted."""
    if not await client.repo_exists(branch.repo):
        return (
            f"there is no repo {branch.repo}: name another one, or another pachd"
            " with --address or PACHD_ADDRESS"
        )
    if not await client.branch_exists(branch):
        return f"there is no {branch}: name another branch, or a commit's ID"
    return f"there is no {what} on {branch} yet"


async def explain_unknown(client: Pachyderm, reference: Reference) -> str:
    """Why no commit is the one that was named."""
    if not await client.repo_exists(reference.repo):
        return await explain_absence(client, reference.walk)
    if is_whole(reference.commit or ""):
        return (
            f"{reference.repo} has no commit {reference.commit}: it never was there,"
            " or was squashed or dropped"
        )
    what = "neither a branch nor a commit" if reference.branch else "no commit"
    return (
        f"{reference.repo}@{reference.commit} is {what} on"
        f" {reference.walk}: give the whole ID, or the branch with --branch"
    )
