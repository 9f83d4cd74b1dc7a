"""What to do next about a MnistTraining, in one line with the command. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from mnist_operator.cli.get.happenings import find_condition
from mnist_operator.cli.statements import dig, key_of
from mnist_operator.status import Reason

__all__ = ["next_step"]

Body = Mapping[str, Any]

_PLACES = {
    "project": ("--project", "default"),
    "repo": ("--repo", "outputrepo"),
    "branch": ("--branch", "master"),
    "runRepo": ("--run-repo", ""),
}


def next_step(body: Body) -> str | None:
    """What somebody should do now; None while there is nothing to do but wait."""
    status = dig(body, "status") or {}
    seen = status.get("observedGeneration") or 0
    if seen < (dig(body, "metadata", "generation") or 1):
        return (
            "the operator has not looked at this spec yet: is it running?"
            " (kubectl -n mnist-operator get pods)"
        )
    if find_condition(status, "Stalled").get("status") == "True":
        reason = find_condition(status, "Stalled").get("reason")
        step = _STALLED.get(str(reason), _read_the_message)
        return step(body)
    ready = find_condition(status, "Ready")
    if ready.get("reason") == Reason.SUSPENDED:
        return f"to go on: mnistctl resume {key_of(body)}"
    if ready.get("reason") == Reason.TRAINING_FAILED:
        return f"see what failed, and where its log is: {_mnistctl_runs(body)}"
    return None


def _read_the_message(_: Body) -> str:
    return "do what the message of Stalled says: until then nothing will happen"


def _edit(body: Body) -> str:
    return f"change the field that the message names: {_kubectl(body, 'edit')}"


def _grant(body: Body) -> str:
    name = dig(body, "spec", "pachyderm", "secretRef", "name")
    if not name:
        return (
            "Pachyderm wants a token: put one into a Secret, under the key token, and"
            f" name that in spec.pachyderm.secretRef ({_kubectl(body, 'edit')})"
        )
    return (
        f"put a valid token into Secret {dig(body, 'metadata', 'namespace')}/{name},"
        " under the key token; it needs repoReader on the input repo and repoWriter"
        " on the output and run repos"
    )


def _share(body: Body) -> str:
    return (
        "two MnistTrainings cannot publish on one branch, and spec.output cannot"
        f" change: delete this one ({_kubectl(body, 'delete')}) and create it with"
        " another output, or delete the other one"
    )


def _go_on(body: Body) -> str:
    return (
        f"see what failed: {_mnistctl_runs(body)}; then change the spec, or ask for a"
        f" run: mnistctl retrain {key_of(body)}"
    )


def _release(body: Body) -> str:
    held = dig(body, "status", "held") or [{}]
    release = f"mnistctl release {key_of(body)} {held[0].get('commit', 'COMMIT')}"
    return (
        f"push better data; or have it trained all the same: {release}; or never:"
        f" {release} --discard"
    )


_STALLED: Mapping[str, Callable[[Body], str]] = {
    Reason.INVALID_SPEC: _edit,
    Reason.ACCESS_DENIED: _grant,
    Reason.OUTPUT_TAKEN: _share,
    Reason.STOPPED_AFTER_FAILURES: _go_on,
    Reason.DATA_GATE_HELD: _release,
}


def _kubectl(body: Body, verb: str) -> str:
    namespace, name = (dig(body, "metadata", key) for key in ("namespace", "name"))
    return f"kubectl -n {namespace} {verb} mt {name}"


def _mnistctl_runs(body: Body) -> str:
    """The command, with whatever of the output is not its default."""
    output = dig(body, "spec", "output") or {}
    options = [
        f" {option} {output[key]}"
        for key, (option, default) in _PLACES.items()
        if output.get(key) and output[key] != default
    ]
    return f"mnistctl runs {key_of(body)}{''.join(options)}"
