"""The page: `mnistctl dashboard`, which shows what the others here tell.

It reads and never writes: the server answers GET and HEAD, and holds no secret that
a page could show. What is seen of trainings comes from one watch for all viewers
(``board``); what Pachyderm knows is asked for when somebody looks, and kept
(``keeping``, ``questions``, ``verdicts``), each training's own one (``pachds``).

- Pure: ``words``; ``advice``, ``cards``, ``gates``, ``decisions``, ``records``,
  ``matrices``, ``subjects``; ``charts`` and what they are drawn with (``canvases``,
  ``axes``, ``thinning``, ``plots``, ``marks``, ``curves``, ``trees``).
- ``views``: what each page shows, by ``asking``, ``questions``, ``differences``,
  ``verdicts`` and ``pods``.
- ``keyring``: the public keys that signatures are checked with.
- ``pages`` and ``templates``: the HTML. ``static``: one style sheet, one script.
- ``doors``: who may ask what, and what every answer says to the browser.
- ``site``, ``streams``, ``server`` and ``answer``: addresses, news, the process.
"""

__all__: list[str] = []
