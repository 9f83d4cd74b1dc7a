"""Made-up days of metrics, and which alerts fire when.

A row is a story: samples of each minute, and at some times the alerts that fire then.
"""

from dataclasses import dataclass, field

MNIST = {"namespace": "team", "training": "mnist"}
T = 'namespace="team", training="mnist", pod="a"'
T_NEXT = 'namespace="team", training="mnist", pod="b"'


@dataclass
class Story:
    """What Prometheus scrapes, and when this alert fires."""

    alert: str
    series: dict[str, str]
    fires: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    every: str = "1m"
    """How often there is a sample; a story of days takes promtool long."""


def metric(name, labels=T):
    return f"mnist_operator_{name}{{{labels}}}"


def decisions(word):
    return metric("decisions_total", f'{T}, decision="{word}"')


def stalled(values, reason="InvalidSpec", labels=T):
    return {metric("training_stalled", f'{labels}, reason="{reason}"'): values}


def waiting(age, *, ready="0", success="0", **more):
    """A training whose oldest commit waits; times in minutes since the beginning."""
    named = {"oldest_pending_commit_age_seconds": age, "training_ready": ready}
    named |= {"last_success_timestamp_seconds": success, **more}
    return {metric(name): f"{each}x1000" for name, each in named.items()}


INVALID = MNIST | {"reason": "InvalidSpec"}
REPO = {"project": "default", "repo": "inputrepo"}
R = 'project="default", repo="inputrepo"'
BUILD = 'mnist_operator_build_info{version="1", job="mnist", instance="10.0.0.1:8081"}'
BUILD_NEXT = BUILD.replace("10.0.0.1", "10.0.0.2")
UP, UP_NEXT = (f'up{{job="mnist", instance="10.0.0.{place}:8081"}}' for place in (1, 2))

STORIES = {
    "a-training-that-is-stalled": Story(
        "TrainingStalled",
        stalled("_ _ 1x30 stale"),
        {"11m": [], "13m": [INVALID], "32m": [INVALID], "34m": []},
    ),
    "a-stall-that-ends-by-itself": Story(
        "TrainingStalled", stalled("1x8 stale"), {"9m": [], "15m": [], "30m": []}
    ),
    "a-stall-seen-by-two-pods-is-one-alert": Story(
        "TrainingStalled",
        stalled("1x30") | stalled("1x30", labels=T_NEXT),
        {"12m": [INVALID]},
    ),
    "another-training-of-that-name-elsewhere": Story(
        "TrainingStalled",
        stalled("1x30")
        | stalled("1x30", "AccessDenied", T.replace('"team"', '"vision"')),
        {
            "12m": [
                INVALID,
                {"namespace": "vision", "training": "mnist", "reason": "AccessDenied"},
            ]
        },
    ),
    "three-failures-in-a-row": Story(
        "TrainingFailing",
        {decisions("failed"): "0x9 1x9 2x9 3x500", decisions("published"): "4x530"},
        {"15m": [], "40m": [MNIST], "6h": [MNIST]},
    ),
    "failures-that-models-outnumber-again": Story(
        "TrainingFailing",
        {
            decisions("failed"): "0x9 1x9 2x9 3x500",
            decisions("published"): "0x60 1x9 2x9 3x9 4x500",
        },
        {"40m": [MNIST], "100m": []},
    ),
    "one-bad-commit-in-four": Story(
        "TrainingFailing",
        {decisions("failed"): "0+1x20", decisions("published"): "0+3x20"},
        {"8m": [], "20m": []},
    ),
    "one-bad-commit": Story(
        "TrainingFailing",
        {decisions("failed"): "0x2 1x600", decisions("published"): "0x602"},
        {"15m": [], "6h": [], "47h": []},
        every="5m",
    ),
    "a-commit-a-day-and-both-fail": Story(
        "TrainingFailing",
        {decisions("failed"): "0x120 1x288 2x800", decisions("published"): "7x1200"},
        {"34h": [], "35h": [MNIST], "57h": [MNIST], "60h": []},
        every="5m",
    ),
    "a-commit-a-day-and-a-model-between": Story(
        "TrainingFailing",
        {
            decisions("failed"): "0x120 1x288 2x800",
            decisions("published"): "7x240 8x800",
        },
        {"35h": [], "40h": []},
        every="5m",
    ),
    "failures-before-a-restart-are-not-counted-again": Story(
        "TrainingFailing",
        {
            decisions("failed"): "9x60 stale",
            decisions("failed").replace('"a"', '"b"'): "_x60 0x600",
            decisions("published"): "0x60 stale",
            decisions("published").replace('"a"', '"b"'): "_x60 0x600",
        },
        {"30m": [], "70m": [], "3h": []},
    ),
    "pachd-away": Story(
        "SourceUnreachable",
        {metric("feed_connected", R): "1x5 0x30 1x30"},
        {"15m": [], "17m": [REPO], "35m": [REPO], "37m": []},
    ),
    "pachd-restarted": Story(
        "SourceUnreachable",
        {metric("feed_connected", R): "1x5 0x8 1x5 0x8 1x30"},
        {"13m": [], "16m": [], "27m": []},
    ),
    "an-operator-that-is-started-while-pachd-is-away": Story(
        "SourceUnreachable",
        {metric("feed_connected", R): "_x5 0x30 1x30"},
        {"10m": [], "17m": [REPO], "37m": []},
    ),
    "a-wrong-address-from-the-beginning-among-sound-ones": Story(
        "SourceUnreachable",
        {
            metric("feed_connected", R): "1x60",
            metric("feed_connected", R.replace("inputrepo", "digits")): "_x5 0x55",
        },
        {"10m": [], "17m": [REPO | {"repo": "digits"}]},
    ),
    "pachd-away-from-one-of-two-operators": Story(
        "SourceUnreachable",
        {
            metric("feed_connected", f'{R}, pod="a"'): "1x60",
            metric("feed_connected", f'{R}, pod="b"'): "0x60",
        },
        {"12m": [REPO]},
    ),
    "somebody-else-pushed-to-the-output-branch": Story(
        "ModelWithoutLineage",
        {metric("models_without_lineage"): "0x5 2x60 0x30"},
        {"20m": [], "22m": [MNIST], "66m": [MNIST], "68m": []},
    ),
    "a-model-whose-line-is-being-written": Story(
        "ModelWithoutLineage",
        {metric("models_without_lineage"): "0x5 1x2 0x60"},
        {"6m": [], "22m": [], "60m": []},
    ),
    "a-model-that-is-two-percent-worse": Story(
        "AccuracyDropped",
        {metric("model_accuracy_ratio"): "0.990x300 0.970x60 0.989x30"},
        {"5h": [], "5h14m": [], "5h20m": [MNIST], "6h1m": [MNIST], "6h5m": []},
    ),
    "models-that-differ-by-noise": Story(
        "AccuracyDropped",
        {
            metric("model_accuracy_ratio"): "0.990x60 0.993x60 0.988x60"
            " 0.994x60 0.985x120"
        },
        {"2h40m": [], "4h30m": [], "5h50m": []},
    ),
    "one-lucky-model-is-no-measure": Story(
        "AccuracyDropped",
        {metric("model_accuracy_ratio"): "0.960x300 0.985x60 0.962x300"},
        {"6h30m": [], "8h": []},
    ),
    "a-bad-model-that-the-next-one-replaces": Story(
        "AccuracyDropped",
        {metric("model_accuracy_ratio"): "0.990x300 0.900x10 0.990x60"},
        {"5h8m": [], "5h20m": []},
    ),
    "a-worse-model-after-a-restart": Story(
        "AccuracyDropped",
        {
            metric("model_accuracy_ratio"): "0.990x300 stale",
            metric("model_accuracy_ratio", T_NEXT): "_x300 0.950x60",
        },
        {"5h20m": [MNIST]},
    ),
    "a-first-model": Story(
        "AccuracyDropped", {metric("model_accuracy_ratio"): "0.5x60"}, {"50m": []}
    ),
    "commits-wait-and-no-model-comes": Story(
        "StaleModel", waiting("0+60"), {"6h10m": [], "6h20m": [MNIST]}
    ),
    "commits-wait-and-there-never-was-a-model": Story(
        "StaleModel",
        {
            key: values
            for key, values in waiting("0+60").items()
            if "success" not in key
        },
        {"6h20m": [MNIST]},
    ),
    "a-long-queue-from-which-models-come": Story(
        "StaleModel", waiting("0+60", success="0+60"), {"7h": []}
    ),
    "a-branch-without-pushes": Story("StaleModel", waiting("0", ready="1"), {"7h": []}),
    "commits-that-a-policy-holds-back": Story(
        "StaleModel", waiting("0+60", ready="1"), {"7h": []}
    ),
    "a-stalled-training-has-its-own-alert": Story(
        "StaleModel", waiting("0+60") | stalled("1x1000"), {"7h": []}
    ),
    "a-model-comes-at-last": Story(
        "StaleModel",
        waiting("0+60") | {metric("last_success_timestamp_seconds"): "0x400 24000x400"},
        {"6h30m": [MNIST], "6h45m": []},
    ),
    "no-operator-at-all": Story("OperatorDown", {}, {"4m": [], "6m": [{}]}),
    "an-operator-that-dies": Story(
        "OperatorDown",
        {BUILD: "1x10 stale", UP: "1x10 0x5 stale"},
        {"9m": [], "13m": [], "18m": [{}], "25m": [{}]},
    ),
    "an-operator-that-is-replaced": Story(
        "OperatorDown",
        {
            BUILD: "1x10 stale",
            UP: "1x10 0x1 stale",
            BUILD_NEXT: "_x12 1x60",
            UP_NEXT: "_x11 0 1x60",
        },
        {"12m": [], "16m": [], "20m": []},
    ),
    "one-of-two-operators": Story(
        "OperatorDown",
        {BUILD: "1x10 stale", UP: "1x10 0x30", BUILD_NEXT: "1x60", UP_NEXT: "1x60"},
        {"14m": [], "17m": [{"instance": "10.0.0.1:8081"}]},
    ),
    "an-operator-that-comes-back": Story(
        "OperatorDown", {BUILD: "1x5 stale _x9 1x60"}, {"13m": [{}], "17m": []}
    ),
    "somebody-elses-target-that-is-down": Story(
        "OperatorDown", {BUILD: "1x60", 'up{job="x", instance="y"}': "0x60"}, {"9m": []}
    ),
}
