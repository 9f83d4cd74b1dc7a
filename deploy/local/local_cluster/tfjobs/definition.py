"""The TFJob resource: as strict about `runPolicy` as the real one, open below it."""

from typing import Any

__all__ = ["TFJOB_CRD"]

_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_INTEGER = {"type": "integer", "format": "int32"}
_STRING = {"type": "string"}

_RUN_POLICY = {
    "type": "object",
    "properties": {
        "activeDeadlineSeconds": {"type": "integer", "format": "int64"},
        "backoffLimit": _INTEGER,
        "cleanPodPolicy": _STRING,
        "managedBy": _STRING,
        "schedulingPolicy": _OPEN,
        "suspend": {"type": "boolean", "default": False},
        "ttlSecondsAfterFinished": _INTEGER,
    },
}

_REPLICA = {
    "type": "object",
    "properties": {
        "replicas": _INTEGER,
        "restartPolicy": _STRING,
        "template": _OPEN,
    },
}

_CONDITION = {
    "type": "object",
    "required": ["status", "type"],
    "properties": {
        "lastTransitionTime": {"type": "string", "format": "date-time"},
        "lastUpdateTime": {"type": "string", "format": "date-time"},
        "message": _STRING,
        "reason": _STRING,
        "status": _STRING,
        "type": _STRING,
    },
}

_REPLICA_STATUS = {
    "type": "object",
    "properties": {
        "active": _INTEGER,
        "failed": _INTEGER,
        "labelSelector": _OPEN,
        "selector": _STRING,
        "succeeded": _INTEGER,
    },
}

_SCHEMA = {
    "type": "object",
    "properties": {
        "apiVersion": _STRING,
        "kind": _STRING,
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["tfReplicaSpecs"],
            "properties": {
                "enableDynamicWorker": {"type": "boolean"},
                "runPolicy": _RUN_POLICY,
                "successPolicy": _STRING,
                "tfReplicaSpecs": {
                    "type": "object",
                    "additionalProperties": _REPLICA,
                },
            },
        },
        "status": {
            "type": "object",
            "properties": {
                "completionTime": {"type": "string", "format": "date-time"},
                "conditions": {"type": "array", "items": _CONDITION},
                "lastReconcileTime": {"type": "string", "format": "date-time"},
                "replicaStatuses": {
                    "type": "object",
                    "additionalProperties": _REPLICA_STATUS,
                },
                "startTime": {"type": "string", "format": "date-time"},
            },
        },
    },
}

TFJOB_CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "tfjobs.kubeflow.org"},
    "spec": {
        "group": "kubeflow.org",
        "scope": "Namespaced",
        "names": {
            "kind": "TFJob",
            "listKind": "TFJobList",
            "plural": "tfjobs",
            "singular": "tfjob",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "additionalPrinterColumns": [
                    {
                        "name": "State",
                        "type": "string",
                        "jsonPath": ".status.conditions[-1:].type",
                    },
                    {
                        "name": "Age",
                        "type": "date",
                        "jsonPath": ".metadata.creationTimestamp",
                    },
                ],
                "schema": {"openAPIV3Schema": _SCHEMA},
            }
        ],
    },
}
