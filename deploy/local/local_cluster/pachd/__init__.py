"""A stand-in for pachd 2.11: its PFS API over gRPC, and its S3 gateway.

It answers as a recorded pachd did, traps included, keeps its data on disk, and fails
on demand. Read `records` for what it remembers, `store` for how that survives a
crash, `branches` and `commits` for what may happen to it, then `service` and `s3`
for how it is asked.
"""

from local_cluster.pachd.server import Pachd

__all__ = ["Pachd"]
