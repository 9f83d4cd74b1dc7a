"""Runs TFJobs as Kubeflow's training-operator 1.9 does, with its surprises."""

from local_cluster.tfjobs.controller import TFJobController
from local_cluster.tfjobs.definition import TFJOB_CRD

__all__ = ["TFJOB_CRD", "TFJobController"]
