"""What a reason means for who reads it: who must act, and where more is told. Pure.

The same as in docs/runbooks.md, in a line: a test holds the two against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ADVICE", "Advice", "advise", "advise_failure"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Who must act upon a reason, how, and which section of the runbooks has it."""

    who: str
    what: str
    section: str
    """The section's title, which is an alert's name."""

    @property
    def anchor(self) -> str:
        """Where that section is on its page."""
        return self.section.lower()

    @property
    def asks_again(self) -> bool:
        """Whether a commit failed by it, and is trained again only when asked."""
        return self.section == _FAILING


_STALLED, _FAILING, _STALE = "TrainingStalled", "TrainingFailing", "StaleModel"
_OWNER = "whoever owns this training"
_DATA = "whoever pushed the data"
_IMAGE = "whoever owns the trainer's image"
_PACHYDERM = "whoever runs Pachyderm"
_CLUSTER = "whoever runs the cluster"
_OPERATOR = "whoever runs the operator"
_NOBODY = "nobody, while it does not last"

ADVICE: Mapping[str, Advice] = {
    "InvalidSpec": Advice(
        _OWNER,
        "change the field, or create the Secret, that the message names",
        _STALLED,
    ),
    "AccessDenied": Advice(
        _OWNER, "put a valid token into the Secret, or have the grant given", _STALLED
    ),
    "CertificateRefused": Advice(
        f"{_OWNER}, or {_PACHYDERM}",
        "mend ca.crt in the Secret, or have pachd's certificate renewed",
        _STALLED,
    ),
    "SigningKeyUnusable": Advice(
        _OPERATOR, "mend the Secret with the signing key", _STALLED
    ),
    "OutputTaken": Advice(
        _OWNER, "give one of the two trainings another output branch", _STALLED
    ),
    "StoppedAfterFailures": Advice(
        _OWNER,
        "mend what made the last commits fail; then change the spec, or ask for a run",
        _STALLED,
    ),
    "DataGateHeld": Advice(
        _OWNER,
        "look at what changed in the data; then release or discard the commit",
        _STALLED,
    ),
    "TrainerFailed": Advice(
        _IMAGE, "read the log: the message ends with its last output", _FAILING
    ),
    "TrainerKilled": Advice(
        _OWNER,
        "for exit code 137 raise the memory in spec.trainer.resources; for 143 look at"
        " the nodes; for others read the log",
        _FAILING,
    ),
    "PodLost": Advice(
        _CLUSTER, "several in a row: look at the nodes, and raise requests", _FAILING
    ),
    "JobLost": Advice(
        _CLUSTER, "find out who deleted the TFJob: Events and audit log", _FAILING
    ),
    "StartupDeadlineExceeded": Advice(
        f"{_OWNER}, or {_CLUSTER}",
        "mend what the pod's reason names: image name, pull secret, quota, resources or"
        " node selector",
        _FAILING,
    ),
    "DeadlineExceeded": Advice(
        _OWNER,
        "raise spec.activeDeadlineSeconds, or find out from the log why it got slow",
        _FAILING,
    ),
    "OutputInvalid": Advice(
        _IMAGE, "mend the image: the message names the file", _FAILING
    ),
    "PublishFailed": Advice(
        _PACHYDERM,
        "look at pachd and its storage; then ask for the commit again",
        _FAILING,
    ),
    "StagingClosed": Advice(
        _PACHYDERM, "let nobody but the operator write to the run repo", _FAILING
    ),
    "InvalidData": Advice(
        _DATA, "mend the data as the message says, and push it", _FAILING
    ),
    "InputMissing": Advice(
        _DATA, "push the file, or have spec.input.path put right", _FAILING
    ),
    "InvalidConfiguration": Advice(
        _OWNER,
        "mend the parameter, flag or variable that the message names, in spec.trainer",
        _FAILING,
    ),
    "TrainingDiverged": Advice(
        _OWNER, "lower learningRate, and look at the data", _FAILING
    ),
    "AccessRefused": Advice(
        _OWNER, "mend key trainer-token (else token) of the Secret, or grants", _FAILING
    ),
    "OutputRefused": Advice(
        _OWNER, "see what ended the run while it wrote, as a deadline does", _FAILING
    ),
    "DiskUnusable": Advice(
        f"{_OWNER}, or {_CLUSTER}",
        "raise ephemeral-storage in spec.trainer.resources, look at the node",
        _FAILING,
    ),
    "StorageUnreachable": Advice(
        f"{_OWNER}, or {_PACHYDERM}",
        "look at spec.pachyderm.s3Endpoint, network policies and pachd",
        _FAILING,
    ),
    "PeerLost": Advice(_OWNER, "read the log of the worker that ended first", _FAILING),
    "DeviceMissing": Advice(
        _OWNER, "ask for a GPU in spec.trainer.resources, or for a node", _FAILING
    ),
    "InternalError": Advice(
        _OPERATOR, "report it, with the traceback from the log", _FAILING
    ),
    "SourceUnreachable": Advice(
        f"{_PACHYDERM}, or {_OWNER}",
        "bring pachd back, or mend spec.pachyderm.address; it goes on by itself",
        "SourceUnreachable",
    ),
    "KubernetesUnavailable": Advice(
        _CLUSTER,
        "mend what the API server's words name: the operator's role, or install"
        " Kubeflow's training operator",
        _STALE,
    ),
    "OutputBusy": Advice(
        "whoever opened that commit",
        "finish the commit that holds the output branch, or drop it",
        _STALE,
    ),
    "WaitingForCommit": Advice(
        _DATA, "finish the input commit that was left open, or drop it", _STALE
    ),
    "WaitingForData": Advice(
        _DATA, "create what is missing, and push; is spec.input spelled right?", _STALE
    ),
    "Suspended": Advice(_OWNER, "resume it, where nobody means it any more", _STALE),
    "Queued": Advice(_CLUSTER, "look at the ClusterQueue, or resume the TFJob", _STALE),
    "Retrying": Advice(_NOBODY, "it is tried again by itself", _STALE),
}


_ITS_OWN = Advice(
    _IMAGE, "read the log: this reason is a word of that image's own", _FAILING
)


def advise_failure(reason: str) -> Advice:
    """Who must act upon a run that failed, also with a reason of its trainer's own."""
    return ADVICE.get(reason, _ITS_OWN)


def advise(reason: str) -> Advice | None:
    """Who must act; None for what says that all is well, or is a trainer's own word."""
    return ADVICE.get(reason)
