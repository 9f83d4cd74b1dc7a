// News for an open page: the server says which training has changed, and the page asks
// for itself again. Without this script everything is there, as of the last reload.
"use strict";
(() => {
  const { events, key } = document.body.dataset;
  const pulse = document.getElementById("pulse");
  const news = document.getElementById("news");
  const calm = 400; // Milliseconds: what changes together is asked for once.
  const patience = 2000; // And what is still being found out is asked for so often.
  let source = null;
  let waiting = 0;
  let asked = 0;

  const tell = (text, state) => {
    pulse.textContent = text;
    pulse.dataset.state = state;
  };

  // Parts that are new take the place of old ones; what is open or focused stays so.
  const replace = (page) => {
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(old.id);
      if (!fresh || fresh.innerHTML === old.innerHTML) continue;
      const said = fresh.dataset.said;
      if (said && said !== old.dataset.said) news.textContent = said;
      if (said) old.dataset.said = said;
      const focused = old.contains(document.activeElement) ? document.activeElement : null;
      const link = focused && focused.getAttribute("href");
      const places = [...old.querySelectorAll("[tabindex]")].map((each) => [each.scrollLeft, each.scrollTop]);
      old.replaceChildren(...fresh.childNodes);
      old.querySelectorAll("[tabindex]").forEach((each, at) => {
        if (places[at]) [each.scrollLeft, each.scrollTop] = places[at];
      });
      if (link) {
        const again = [...old.querySelectorAll("a")].find((each) => each.getAttribute("href") === link);
        if (again) again.focus({ preventScroll: true });
      }
    }
  };

  const refresh = async () => {
    waiting = 0;
    const own = ++asked;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (own !== asked || !answer.ok) return;
      replace(new DOMParser().parseFromString(text, "text/html"));
      later();
    } catch {
      tell("Not connected", "off");
    }
  };

  const soon = () => {
    waiting = waiting || setTimeout(refresh, calm);
  };

  const later = () => {
    if (document.hidden || !document.querySelector("[data-again]")) return;
    waiting = waiting || setTimeout(refresh, patience);
  };

  const listen = () => {
    if (source) return;
    source = new EventSource(events);
    source.onopen = () => tell("Live", "on");
    source.onerror = () => tell("Not connected", "off");
    source.addEventListener("change", (event) => {
      const told = JSON.parse(event.data);
      if (key && told.key && told.key !== key) return;
      news.textContent = told.said;
      soon();
    });
  };

  // A browser opens few connections to one server, so a page that nobody sees has none.
  const look = () => {
    if (document.hidden) {
      if (source) source.close();
      source = null;
    } else if (!source) {
      listen();
      soon();
    }
  };

  document.addEventListener("visibilitychange", look);
  if (!document.hidden) listen();
  later();
})();
