"""Labels that are not a user's to set; rows as in `refused_overrides`."""

from unit.refused_arguments import row

__all__ = ["LABELS"]

_LABELS = {
    "template.metadata.labels": "labels-of-the-pod",
    "template.metadata.annotations": "annotations-of-the-pod",
    "job.labels": "labels-of-the-tfjob",
    "job.annotations": "annotations-of-the-tfjob",
}


def _at(path, value):
    for part in reversed(path.split(".")):
        value = {part: value}
    return value


LABELS = [
    *(
        row(
            f"{name}-with-our-prefix",
            _at(path, {"mnist-operator.dev/run": "mine"}),
            path,
            "must not set mnist-operator.dev/run",
            f"spec.trainer.{path} must not set app.kubernetes.io/managed-by, nor",
        )
        for path, name in _LABELS.items()
    ),
    *(
        row(
            f"{name}-that-is-no-key",
            _at(path, {"a team": "mine"}),
            path,
            "must have keys such as team or example.com/team, not 'a team'",
            f"spec.trainer.{path} must have keys such as team",
        )
        for path, name in {
            **_LABELS,
            "template.spec.nodeSelector": "a-selector",
        }.items()
    ),
    row(
        "a-key-with-a-long-prefix",
        _at("job.labels", {"x" * 254 + "/name": "mine"}),
        "job.labels",
        "must have keys such as team",
        "spec.trainer.job.labels must have keys",
    ),
    row(
        "the-label-that-says-who-made-it",
        _at("job.labels", {"app.kubernetes.io/managed-by": "me"}),
        "job.labels",
        "must not set app.kubernetes.io/managed-by",
        "spec.trainer.job.labels must not set app.kubernetes.io/managed-by",
    ),
    row(
        "a-label-of-the-tfjob-controllers",
        _at("template.metadata.labels", {"training.kubeflow.org/job-name": "other"}),
        "template.metadata.labels",
        "must not set training.kubeflow.org/job-name",
        "spec.trainer.template.metadata.labels must not set",
    ),
    row(
        "a-label-that-is-a-sentence",
        _at("template.metadata.labels", {"team": "the best"}),
        "template.metadata.labels.team",
        "match pattern",
    ),
]
