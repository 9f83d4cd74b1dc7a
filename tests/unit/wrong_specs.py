"""Specs that cannot work: what each gets wrong, and what the API server says of it.

The local API server is held to them, and a real one. `refused_overrides` has those
of the pod.
"""

import pytest

from unit.wrong_promotions import PROMOTIONS
from unit.wrong_rows import OBJECT, WHOLE, WORD, at, row, unknown
from unit.wrong_trainers import TRAINERS

__all__ = ["WRONG"]

_RUN = "outputrepo_runs"
_NAME = "made of letters, digits, _ and -"
_PATH = "a relative path made of letters, digits and ._-"


def _named(name, title, told):
    body = {"metadata": {"name": title}, "spec": {}}
    return pytest.param(body, "metadata.name", told, id=name)


_PACHYDERM = [
    at(
        "a-port-for-an-address",
        "spec.pachyderm.address",
        30650,
        f'{WORD}: "integer"',
    ),
    at(
        "an-address-without-an-end",
        "spec.pachyderm.address",
        "x" * 256,
        "may not be more than 255 bytes",
    ),
    at(
        "two-gateways",
        "spec.pachyderm.s3Endpoint",
        ["a:30600", "b:30600"],
        f'{WORD}: "array"',
    ),
    at(
        "a-secret-by-its-bare-name",
        "spec.pachyderm.secretRef",
        "pachyderm",
        f'{OBJECT}: "string"',
    ),
    row(
        "a-secret-without-a-name",
        "spec.pachyderm.secretRef.name",
        "Required value",
        pachyderm={"secretRef": {}},
    ),
    at(
        "a-secret-with-an-empty-name",
        "spec.pachyderm.secretRef.name",
        "",
        "should be at least 1 chars long",
    ),
    unknown("a-secret-of-another-namespace", "spec.pachyderm.secretRef.namespace"),
    unknown("a-token-for-all-to-read", "spec.pachyderm.token"),
]
_REPOS = [
    at("a-project-in-the-repo", "spec.input.repo", "team/digits", _NAME),
    at("an-empty-repo", "spec.input.repo", "", "should be at least 1 chars long"),
    at("a-repo-too-long", "spec.input.repo", "x" * 64, "not be more than 63 bytes"),
    at("a-repo-that-is-a-number", "spec.input.repo", 7, f'{WORD}: "integer"'),
    at("a-project-with-a-dot", "spec.input.project", "team.a", _NAME),
    at("a-branch-with-a-slash", "spec.input.branch", "feature/x", _NAME),
    at("an-absolute-path", "spec.input.path", "/data/mnist.npz", _PATH),
    at("a-path-that-climbs", "spec.input.path", "../mnist.npz", _PATH),
    at("two-slashes-for-a-folder", "spec.input.path", "data//", _PATH),
    at("the-root-for-a-folder", "spec.input.path", "/", _PATH),
    at("a-path-with-a-blank", "spec.input.path", "my data.npz", _PATH),
    at("a-path-with-a-plus", "spec.input.path", "digits+letters.npz", _PATH),
    at("a-path-that-is-empty", "spec.input.path", "", "should be at least 1 chars"),
    at("an-input-by-its-bare-name", "spec.input", "inputrepo", f'{OBJECT}: "string"'),
    unknown("an-input-from-a-pipeline", "spec.input.pipeline"),
    at(
        "models-into-the-data",
        "spec.output.repo",
        "inputrepo",
        "must differ from spec.input.repo: a model pushed there would be taken for",
    ),
    at(
        "no-room-for-the-name-of-the-run-repo",
        "spec.output.repo",
        "m" * 59,
        "must have at most 58 characters, to which _runs is added for the run repo; or",
    ),
    at("an-output-project-with-a-blank", "spec.output.project", "team a", _NAME),
    at("the-branch-before", "spec.output.branch", "master^", _NAME),
    at("a-folder-for-the-model", "spec.output.path", "models/", _PATH),
    at("a-hidden-model", "spec.output.path", "models/.best.h5", _PATH),
    at("a-model-with-a-plus", "spec.output.path", "models/v1+cuda.h5", _PATH),
    at(
        "attempts-among-the-models",
        "spec.output.runRepo",
        "outputrepo",
        "must differ from spec.output.repo: raw attempts must not reach the models",
    ),
    at(
        "attempts-into-the-data",
        "spec.output.runRepo",
        "inputrepo",
        "must differ from spec.input.repo",
    ),
    row(
        "data-where-the-attempts-go-by-default",
        "spec.output.runRepo",
        "must differ from spec.input.repo; left out, it is spec.output.repo followed",
        input={"repo": _RUN},
    ),
    at("a-run-repo-with-a-slash", "spec.output.runRepo", "team/runs", _NAME),
    unknown("a-bucket-for-models", "spec.output.bucket"),
]
_COMMIT = "must be Latest, Next, Earliest or the ID of a commit, 32 digits of 0-9a-f"
_GLOB = "must be made of letters, digits and ._+-/*?[]!"
_TRIGGER = [
    at(
        "a-mode-that-is-none",
        "spec.trigger.mode",
        "Sometimes",
        'Unsupported value: "Sometimes": supported values: "EveryCommit", "LatestOnly"',
    ),
    at(
        "a-mode-in-small-letters",
        "spec.trigger.mode",
        "latestonly",
        'supported values: "EveryCommit", "LatestOnly"',
    ),
    at("a-start-that-is-no-place", "spec.trigger.startFrom", "now", _COMMIT),
    at("a-start-in-capitals", "spec.trigger.startFrom", "A" * 32, _COMMIT),
    at("half-of-a-commits-id", "spec.trigger.startFrom", "0a1b2c3d", _COMMIT),
    at("one-glob-without-a-list", "spec.trigger.paths", "data/**", "of type array"),
    row(
        "a-glob-with-a-blank",
        "spec.trigger.paths",
        _GLOB,
        trigger={"paths": ["data/**", "my data/*"]},
    ),
    at("too-many-globs", "spec.trigger.paths", ["a"] * 33, "must have at most 32"),
    at(
        "an-answer-to-unchanged-that-is-none",
        "spec.trigger.unchanged",
        "Retrain",
        'supported values: "Skip", "Train"',
    ),
    row(
        "a-filter-on-paths-that-asks-nothing",
        "spec.trigger.unchanged",
        "must be Skip with paths: a filter on paths asks what has changed",
        trigger={"paths": ["data/**"], "unchanged": "Train"},
    ),
    at("no-commits", "spec.trigger.minCommits", 0, "greater than or equal to 1"),
    at(
        "every-commit-by-fives",
        "spec.trigger.minCommits",
        5,
        "must be 1 with mode EveryCommit, which trains each of them; set mode to",
    ),
    at("a-wait-with-its-unit", "spec.trigger.debounceSeconds", "10m", WHOLE),
    at(
        "a-wait-below-zero",
        "spec.trigger.debounceSeconds",
        -1,
        "should be greater than or equal to 0",
    ),
    unknown("a-schedule", "spec.trigger.cron"),
]
_POLICIES = [
    at(
        "a-policy-of-another-kind",
        "spec.concurrencyPolicy",
        "Parallel",
        'supported values: "Forbid", "Allow", "Replace"',
    ),
    at("none-in-parallel", "spec.maxParallel", 0, "greater than or equal to 1"),
    at("too-many-in-parallel", "spec.maxParallel", 11, "less than or equal to 10"),
    at("a-yes-for-a-true", "spec.suspend", "yes", 'of type boolean: "string"'),
    at(
        "a-deadline-of-nothing",
        "spec.startingDeadlineSeconds",
        0,
        "greater than or equal to 1",
    ),
    at("half-a-second", "spec.activeDeadlineSeconds", 0.5, f'{WHOLE}: "number"'),
    at(
        "a-day-and-a-second-to-start",
        "spec.startupDeadlineSeconds",
        86401,
        "less than or equal to 86400",
    ),
    at("failures-below-zero", "spec.stopAfterFailures", -1, "or equal to 0"),
    at(
        "a-change-that-trains-all-again",
        "spec.onSpecChange",
        "RetrainAll",
        'supported values: "Nothing", "RetrainLatest"',
    ),
    at("history-below-zero", "spec.successfulRunsHistoryLimit", -1, "equal to 0"),
    at("a-long-history", "spec.failedRunsHistoryLimit", 1001, "or equal to 1000"),
    at(
        "a-deletion-policy-of-another-kind",
        "spec.deletionPolicy",
        "Delete",
        'supported values: "Cancel", "Orphan"',
    ),
    at("no-attempts", "spec.attempts.limit", 0, "greater than or equal to 1"),
    at("too-many-attempts", "spec.attempts.limit", 21, "less than or equal to 20"),
    at("one-exit-code-without-a-list", "spec.attempts.retryableExitCodes", 42, "array"),
    row(
        "success-to-be-retried",
        "spec.attempts.retryableExitCodes[0]",
        "greater than or equal to 1",
        attempts={"retryableExitCodes": [0]},
    ),
    row(
        "an-exit-code-that-no-process-has",
        "spec.attempts.retryableExitCodes[1]",
        "less than or equal to 255",
        attempts={"retryableExitCodes": [42, 256]},
    ),
    at(
        "a-backoff-of-more-than-an-hour",
        "spec.attempts.backoffSeconds",
        3601,
        "less than or equal to 3600",
    ),
]
_LEGAL = "must start with a letter, hold only a-z, 0-9 and -, and have at most 40"
_WHOLE_BODIES = [
    _named("a-name-that-begins-with-a-digit", "9-lives", _LEGAL),
    _named("a-name-with-a-dot", "mnist.v2", _LEGAL),
    _named("a-name-too-long-for-a-tfjob", "m" * 41, _LEGAL),
    unknown("a-field-of-the-trainer-at-the-top", "spec.epochs"),
    pytest.param({"spec": ["mnist"]}, "spec", OBJECT, id="a-spec-that-is-a-list"),
    pytest.param(
        {"spec": {}, "trigger": {}},
        'unknown field "trigger"',
        "",
        id="a-trigger-beside-the-spec",
    ),
]

WRONG = [
    *_PACHYDERM,
    *_REPOS,
    *_TRIGGER,
    *_POLICIES,
    *TRAINERS,
    *PROMOTIONS,
    *_WHOLE_BODIES,
]
