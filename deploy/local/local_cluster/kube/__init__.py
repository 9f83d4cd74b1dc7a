"""A Kubernetes API that kubectl and kopf cannot tell from a small real one."""

from local_cluster.kube.server import KubeServer

__all__ = ["KubeServer"]
