"""How a command is written that leads to the same place, and where was looked. Pure."""

from mnist_operator import places
from mnist_operator.resource import MnistTraining, Output

__all__ = ["log_options", "place_options", "tell_search"]

_USUAL = Output()


def place_options(output: Output) -> str:
    """The options that lead to these repos, each after a space; none for the usual."""
    found = (
        (" --project", output.project, _USUAL.project),
        (" --repo", output.repo, _USUAL.repo),
        (" --branch", output.branch, _USUAL.branch),
        (" --run-repo", output.run_repo or "", ""),
    )
    return "".join(f"{option} {name}" for option, name, usual in found if name != usual)


def log_options(run_repo: str) -> str:
    """The options that lead to the logs in a run repo, project/name."""
    project, _, name = run_repo.partition("/")
    found = [f" --project {project}"] if project != _USUAL.project else []
    named = [f" --run-repo {name}"] if name != f"{_USUAL.repo}_runs" else []
    return "".join([*found, *named])


def tell_search(training: MnistTraining) -> str:
    """Where a training's records were looked for, and what to do if they are not there.

    One with a UID was found in the cluster, and its spec says where they are.
    """
    begun = f"mnistctl get {training.key} says why"
    if training.uid:
        return f"that is where its spec.output says, so it has not begun yet: {begun}"
    output, runs = places.output_branch(training), places.run_repo(training)
    return (
        f"its models were looked for on {output}, its runs in {runs}: check the name"
        " and --namespace, and name those of its spec.output with --repo (--project,"
        f" --branch, --run-repo); or it has never begun: {begun}"
    )
