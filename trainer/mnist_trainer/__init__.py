"""Train a digit classifier on one commit's images, and say exactly what was done.

Reading order: ``__main__`` (composition), ``run`` (the whole run on one page), then one
room each:

- what was asked: ``config``, ``command_line``, ``flags``, ``terminal``, ``parameters``,
  ``s3_settings``, ``workers``;
- where files come from and go: ``storage``, ``s3``, ``s3_refusals``, ``folder``,
  ``fetch``, ``uploads``;
- what may be trained on: ``data`` and ``dataset``, then ``archives``, ``npz``,
  ``unpacking``, ``scratch``, ``pixels``, ``labels``, ``splitting``, ``census``;
- the learning: ``recipes``, ``architecture``, ``plan``, ``schedule``, ``batches``,
  ``network``, ``steps``, ``train``, ``predict``, ``preparation``, and before it
  ``cpus``, ``devices``, ``runtime``;
- several processes: ``roll_call``, ``meeting``, ``team``;
- beginning and going on: ``warm_start``, ``checkpoints``, ``leftovers``;
- what is left behind: ``finish``, ``model``, ``formats``, ``metrics``, ``findings``,
  ``history``, ``report`` with its pictures, ``tensorboard``, ``publish``;
- whether it may take another's place: ``trial_settings``, ``held_out``,
  ``duplicates``;
- instead of a training: ``assess`` and ``foreign``, ``rehearsal``;
- what is told: ``narrator``, ``progress``, ``phases``, ``summary``, ``farewell``,
  ``errors``.
"""

__all__: list[str] = []
