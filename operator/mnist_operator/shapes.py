"""Shapes of what is Kubernetes' own in a pod, as JSON Schema: names, types, bounds.

Taken from the pod of Kubernetes 1.34, without what is Windows' or deprecated. They
are written out, and not left open with `x-kubernetes-preserve-unknown-fields`, for
two reasons. A misspelt field is refused when it is applied, and not later, when the
first TFJob is created. And what is left open may be nested as deep as somebody likes:
one object of a thousand levels, which the API server takes, ends every Python program
that watches its kind.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from mnist_operator.model import QUANTITY

__all__ = [
    "AFFINITY",
    "CONTAINER_FIELDS",
    "DNS_CONFIG",
    "ENV",
    "ENV_FROM",
    "HOST_ALIAS",
    "MOUNT_FIELDS",
    "POD_SECURITY",
    "RESOURCES",
    "SPREAD",
    "TOLERATION",
    "VOLUME_FIELDS",
    "Shape",
]

Shape: TypeAlias = dict[str, Any]


def _string(limit: int = 253) -> Shape:
    return {"type": "string", "maxLength": limit}


def _integer(least: int = 0, most: int = 2147483647) -> Shape:
    return {"type": "integer", "minimum": least, "maximum": most}


def _list(items: Shape) -> Shape:
    return {"type": "array", "items": items, "maxItems": 64}


def _map(values: Shape) -> Shape:
    return {"type": "object", "additionalProperties": values, "maxProperties": 64}


def _object(
    *strings: str,
    need: str = "",
    more: Mapping[str, Shape] | None = None,
    **fields: Shape,
) -> Shape:
    """An object with these fields; those without a shape are short strings."""
    properties = {**dict.fromkeys(strings, _STRING), **fields, **(more or {})}
    required = {"required": need.split()} if need else {}
    return {"type": "object", "properties": properties} | required


_STRING = _string()
_PATH = _string(4096)
_TEXT = _string(16384)
_YES_OR_NO = {"type": "boolean"}
_STRINGS = _list(_STRING)
_WORDS = _list(_TEXT)
_QUANTITIES = _map(QUANTITY)
_PORT = {"x-kubernetes-int-or-string": True, "maxLength": 63}

# --- where a pod runs -----------------------------------------------------------------

TOLERATION = _object("effect", "key", "operator", "value", tolerationSeconds=_integer())
_REQUIREMENT = _object("key", "operator", need="key operator", values=_STRINGS)
_REQUIREMENTS = _list(_REQUIREMENT)
_LABEL_SELECTOR = _object(matchLabels=_map(_STRING), matchExpressions=_REQUIREMENTS)
SPREAD = _object(
    "nodeAffinityPolicy",
    "nodeTaintsPolicy",
    "topologyKey",
    "whenUnsatisfiable",
    need="maxSkew topologyKey whenUnsatisfiable",
    labelSelector=_LABEL_SELECTOR,
    matchLabelKeys=_STRINGS,
    maxSkew=_integer(1),
    minDomains=_integer(1),
)
_NODES = _object(matchExpressions=_REQUIREMENTS, matchFields=_REQUIREMENTS)
_PODS = _object(
    "topologyKey",
    need="topologyKey",
    labelSelector=_LABEL_SELECTOR,
    matchLabelKeys=_STRINGS,
    mismatchLabelKeys=_STRINGS,
    namespaceSelector=_LABEL_SELECTOR,
    namespaces=_STRINGS,
)


def _affinity(required: Shape, term: str, preferred: Shape) -> Shape:
    fields = {term: preferred, "weight": _integer(1, 100)}
    weighed = _object(need=f"{term} weight", more=fields)
    return _object(
        requiredDuringSchedulingIgnoredDuringExecution=required,
        preferredDuringSchedulingIgnoredDuringExecution=_list(weighed),
    )


_NEAR = _affinity(_list(_PODS), "podAffinityTerm", _PODS)
AFFINITY = _object(
    nodeAffinity=_affinity(
        _object(need="nodeSelectorTerms", nodeSelectorTerms=_list(_NODES)),
        "preference",
        _NODES,
    ),
    podAffinity=_NEAR,
    podAntiAffinity=_NEAR,
)

# --- how it runs ----------------------------------------------------------------------

DNS_CONFIG = _object(
    nameservers=_STRINGS, searches=_STRINGS, options=_list(_object("name", "value"))
)
HOST_ALIAS = _object("ip", need="ip", hostnames=_STRINGS)
_PROFILE = _object("type", need="type", localhostProfile=_PATH)
_SECURITY: Mapping[str, Shape] = {
    "appArmorProfile": _PROFILE,
    "runAsGroup": _integer(),
    "runAsNonRoot": _YES_OR_NO,
    "runAsUser": _integer(),
    "seLinuxOptions": _object("level", "role", "type", "user"),
    "seccompProfile": _PROFILE,
}
POD_SECURITY = _object(
    "fsGroupChangePolicy",
    "seLinuxChangePolicy",
    "supplementalGroupsPolicy",
    fsGroup=_integer(),
    supplementalGroups=_list(_integer()),
    sysctls=_list(_object("name", "value", need="name value")),
    more=_SECURITY,
)

# --- containers -----------------------------------------------------------------------

_KEY = _object("key", "name", need="key", optional=_YES_OR_NO)
_FIELD = _object("apiVersion", need="fieldPath", fieldPath=_PATH)
_AMOUNT = _object("containerName", "resource", need="resource", divisor=QUANTITY)
ENV = _object(
    "name",
    need="name",
    value=_TEXT,
    valueFrom=_object(
        configMapKeyRef=_KEY,
        fieldRef=_FIELD,
        resourceFieldRef=_AMOUNT,
        secretKeyRef=_KEY,
    ),
)
_WHOLE = _object("name", optional=_YES_OR_NO)
ENV_FROM = _object("prefix", configMapRef=_WHOLE, secretRef=_WHOLE)
RESOURCES = _object(limits=_QUANTITIES, requests=_QUANTITIES)
MOUNT_FIELDS: Mapping[str, Shape] = {
    "mountPropagation": _STRING,
    "readOnly": _YES_OR_NO,
    "recursiveReadOnly": _STRING,
    "subPath": _PATH,
    "subPathExpr": _PATH,
}
_HEADERS = _list(_object("name", need="name value", value=_TEXT))
_ACTION: Mapping[str, Shape] = {
    "exec": _object(command=_WORDS),
    "httpGet": _object(
        "host", "scheme", need="port", httpHeaders=_HEADERS, path=_PATH, port=_PORT
    ),
    "tcpSocket": _object("host", need="port", port=_PORT),
}
_HOOK = _object(more=_ACTION, sleep=_object(need="seconds", seconds=_integer()))
_PROBE = _object(
    more=_ACTION,
    grpc=_object("service", need="port", port=_integer(1, 65535)),
    failureThreshold=_integer(),
    initialDelaySeconds=_integer(),
    periodSeconds=_integer(),
    successThreshold=_integer(),
    terminationGracePeriodSeconds=_integer(),
    timeoutSeconds=_integer(),
)
CONTAINER_FIELDS: Mapping[str, Shape] = {
    "imagePullPolicy": _STRING,
    "lifecycle": _object("stopSignal", postStart=_HOOK, preStop=_HOOK),
    "livenessProbe": _PROBE,
    "ports": _list(
        _object(
            "hostIP",
            "name",
            "protocol",
            need="containerPort",
            containerPort=_integer(1, 65535),
            hostPort=_integer(1, 65535),
        )
    ),
    "readinessProbe": _PROBE,
    "restartPolicy": _STRING,
    "securityContext": _object(
        "procMount",
        allowPrivilegeEscalation=_YES_OR_NO,
        capabilities=_object(add=_STRINGS, drop=_STRINGS),
        privileged=_YES_OR_NO,
        readOnlyRootFilesystem=_YES_OR_NO,
        more=_SECURITY,
    ),
    "startupProbe": _PROBE,
    "stdin": _YES_OR_NO,
    "stdinOnce": _YES_OR_NO,
    "terminationMessagePath": _PATH,
    "terminationMessagePolicy": _STRING,
    "tty": _YES_OR_NO,
    "volumeDevices": _list(_object("name", need="devicePath name", devicePath=_PATH)),
    "workingDir": _PATH,
}

# --- volumes --------------------------------------------------------------------------

_MODE = _integer(0, 0o777)
_FILES = _list(_object("key", need="key path", mode=_MODE, path=_PATH))
_DOWNWARD = _list(
    _object(
        need="path",
        fieldRef=_FIELD,
        mode=_MODE,
        path=_PATH,
        resourceFieldRef=_AMOUNT,
    )
)
_SOME = _object("name", items=_FILES, optional=_YES_OR_NO)
_TOKEN = _object("audience", need="path", expirationSeconds=_integer(600), path=_PATH)
_CLAIM = _object(
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
    "volumeName",
    accessModes=_STRINGS,
    dataSource=_object("apiGroup", "kind", "name", need="kind name"),
    dataSourceRef=_object("apiGroup", "kind", "name", "namespace", need="kind name"),
    resources=RESOURCES,
    selector=_LABEL_SELECTOR,
)
_CLAIM_METADATA = _object(annotations=_map(_TEXT), labels=_map(_STRING))
VOLUME_FIELDS: Mapping[str, Shape] = {
    "configMap": _object("name", defaultMode=_MODE, items=_FILES, optional=_YES_OR_NO),
    "csi": _object(
        "driver",
        "fsType",
        need="driver",
        nodePublishSecretRef=_object("name"),
        readOnly=_YES_OR_NO,
        volumeAttributes=_map(_TEXT),
    ),
    "downwardAPI": _object(defaultMode=_MODE, items=_DOWNWARD),
    "emptyDir": _object("medium", sizeLimit=QUANTITY),
    "ephemeral": _object(
        volumeClaimTemplate=_object(need="spec", metadata=_CLAIM_METADATA, spec=_CLAIM)
    ),
    "hostPath": _object("type", need="path", path=_PATH),
    "image": _object("pullPolicy", reference=_string(512)),
    "nfs": _object("server", need="path server", path=_PATH, readOnly=_YES_OR_NO),
    "persistentVolumeClaim": _object(
        "claimName", need="claimName", readOnly=_YES_OR_NO
    ),
    "projected": _object(
        defaultMode=_MODE,
        sources=_list(
            _object(
                configMap=_SOME,
                downwardAPI=_object(items=_DOWNWARD),
                secret=_SOME,
                serviceAccountToken=_TOKEN,
            )
        ),
    ),
    "secret": _object(
        "secretName", defaultMode=_MODE, items=_FILES, optional=_YES_OR_NO
    ),
}
