"""A node that runs each container of a pod as a process of this machine."""

from local_cluster.node.images import Image, read_images
from local_cluster.node.kubelet import Node
from local_cluster.node.worker import Patience

__all__ = ["Image", "Node", "Patience", "read_images"]
