"""The API server, and the only package that imports the Kubernetes client.

Read ``objects`` for what can be asked, ``transport`` for deadlines and errors, and
``leases`` for how two operators agree on who works.
"""

from mnist_operator.kube.connecting import connect
from mnist_operator.kube.contact import Contact, Credentials
from mnist_operator.kube.glimpses import put_on_top, read_end
from mnist_operator.kube.leases import Lease, Leases
from mnist_operator.kube.objects import Kube, Mark

__all__ = [
    "Contact",
    "Credentials",
    "Kube",
    "Lease",
    "Leases",
    "Mark",
    "connect",
    "put_on_top",
    "read_end",
]
