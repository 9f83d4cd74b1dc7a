"""The kinds that the API serves: how each is named, scoped, printed and guarded."""

from dataclasses import dataclass, field

from local_cluster.kube.columns import BUILT_IN_COLUMNS, Column
from local_cluster.kube.schemas import Schema
from local_cluster.kube.values import Json

__all__ = ["BUILT_INS", "CRD_GROUP", "Kind"]

CRD_GROUP = "apiextensions.k8s.io"

_COMMON_FIELDS = frozenset({"metadata.name", "metadata.namespace"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one version of its group."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str
    list_kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()
    custom: bool = False
    storage: bool = True
    served: bool = True
    counts_generations: bool = False
    unconditional_update: bool = True
    """Whether an update may leave the resource version out."""
    name_rule: str = "subdomain"
    """Which of the rules in `naming` the names follow."""
    fields: frozenset[str] = _COMMON_FIELDS
    """What field selectors may ask for."""
    columns: tuple[Column, ...] = ()
    schema: Schema = field(default_factory=lambda: Schema({}))

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """The name under which all versions are kept together."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def has_status(self) -> bool:
        """Whether status is written through a door of its own."""
        return "status" in self.subresources

    def identify(self, document: Json) -> Json:
        """Return the object as one of this version."""
        if document.get("apiVersion") == self.api_version:
            return document
        return {**document, "apiVersion": self.api_version, "kind": self.kind}


_EVENT_FIELDS = frozenset(
    f"involvedObject.{name}"
    for name in (
        "apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"
    )
)  # fmt: skip

_STATUS = frozenset({"status"})


def _built_in(
    api_version: str, plural: str, kind: str, *short: str, **more: object
) -> Kind:
    group, _, version = api_version.rpartition("/")
    fields = more.pop("fields", frozenset())
    assert isinstance(fields, frozenset)  # noqa: S101 - the tables below
    return Kind(
        group=group,
        version=version,
        plural=plural,
        kind=kind,
        singular=kind.lower(),
        list_kind=f"{kind}List",
        short_names=short,
        fields=_COMMON_FIELDS | fields,
        columns=BUILT_IN_COLUMNS.get(kind, ()),
        **more,  # type: ignore[arg-type]
    )


_CORE = (
    _built_in(
        "v1", "namespaces", "Namespace", "ns", namespaced=False, name_rule="label",
        subresources=frozenset({"status", "finalize"}),
        fields=frozenset({"status.phase"}),
    ),
    _built_in(
        "v1", "nodes", "Node", "no", namespaced=False, subresources=_STATUS,
        fields=frozenset({"spec.unschedulable"}),
    ),
    _built_in(
        "v1", "pods", "Pod", "po", categories=("all",), counts_generations=True,
        subresources=frozenset({"status", "log", "binding", "eviction"}),
        fields=frozenset({
            "spec.nodeName", "spec.restartPolicy", "status.phase",
            "spec.serviceAccountName", "spec.schedulerName", "status.podIP",
        }),
    ),
    _built_in(
        "v1", "events", "Event", "ev",
        fields=_EVENT_FIELDS | {"reason", "type", "source", "reportingComponent"},
    ),
    _built_in("v1", "secrets", "Secret", fields=frozenset({"type"})),
    _built_in("v1", "configmaps", "ConfigMap", "cm"),
    _built_in(
        "v1", "services", "Service", "svc", categories=("all",), name_rule="label1035",
        subresources=_STATUS, fields=frozenset({"spec.clusterIP", "spec.type"}),
    ),
    _built_in("v1", "serviceaccounts", "ServiceAccount", "sa"),
)  # fmt: skip

# Kept and shown, acted on by nobody: enough to apply a whole installation.
_INERT = (
    _built_in(
        "apps/v1", "deployments", "Deployment", "deploy", categories=("all",),
        counts_generations=True, subresources=_STATUS,
    ),
    _built_in("rbac.authorization.k8s.io/v1", "roles", "Role"),
    _built_in("rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding"),
    _built_in(
        "rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole",
        namespaced=False, name_rule="path",
    ),
    _built_in(
        "rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding",
        namespaced=False, name_rule="path",
    ),
    _built_in(
        "networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", "netpol",
        counts_generations=True,
    ),
    _built_in(
        "policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb",
        counts_generations=True, subresources=_STATUS,
    ),
)  # fmt: skip

BUILT_INS: tuple[Kind, ...] = (
    *_CORE,
    _built_in(
        "coordination.k8s.io/v1", "leases", "Lease", unconditional_update=False
    ),
    _built_in(
        f"{CRD_GROUP}/v1", "customresourcedefinitions", "CustomResourceDefinition",
        "crd", "crds", namespaced=False, categories=("api-extensions",),
        counts_generations=True, subresources=_STATUS, unconditional_update=False,
    ),
    *_INERT,
)  # fmt: skip
