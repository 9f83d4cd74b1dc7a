"""The page as it is used: by keyboard, while things happen, and without its script."""

from playwright.sync_api import expect

PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""


def _press_until(page, text):
    """Press Tab until a link with a text has the focus; gives back what had it."""
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        has = page.evaluate("document.activeElement.textContent.trim()")
        passed.append(has)
        if text in has:
            return passed
    raise AssertionError((text, passed))


def test_the_way_from_the_first_page_to_a_run_needs_no_mouse(open_page, site):
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    expect(page.get_by_text("Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    _press_until(page, "default/mnist")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trainings/default/mnist")
    _press_until(page, site.runs["third"][:8])
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")

    assert "solid" == outline
    expect(page.locator("h1")).to_have_text(f"Run {site.runs['third'][:12]}")


def test_what_a_commit_is_held_for_is_found_without_a_mouse(open_page, paths, site):
    page = open_page(paths["gated"])
    _press_until(page, "What changed in its data")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/held/{site.held}")

    samples = page.locator("#difference")
    expect(samples).to_contain_text("6 (6.67 %)", timeout=PATIENCE)
    expect(page.get_by_text("--discard")).to_be_visible()


def test_the_way_past_a_long_history_is_short(open_page, paths):
    page = open_page(paths["long"])

    passed = _press_until(page, "Older")

    assert 30 > len(passed)


def test_a_page_without_its_script_says_the_same(open_page, paths):
    plain = open_page(paths["training"], script=False)
    live = open_page(paths["training"])

    assert (
        plain.locator("#decided").inner_text() == live.locator("#decided").inner_text()
    )
    expect(plain.locator("#pulse")).to_have_text("Reload to see news")
    expect(live.locator("#pulse")).to_have_text("Live", timeout=PATIENCE)
    assert [] == live.faults


def test_the_browser_runs_nothing_that_others_wrote(open_page, paths):
    page = open_page(paths["failed"])
    asked = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.reload()

    assert "<script>alert(1)</script>" in page.locator("#log").inner_text()
    assert 1 == page.locator("script").count()
    assert "\u202e" not in page.content()
    assert ([], []) == (asked, page.faults)


def test_a_log_is_shown_from_its_end(open_page, paths):
    page = open_page(paths["failed"])
    below = page.evaluate(
        "(() => { const log = document.querySelector('.log');"
        " return log.firstElementChild.getBoundingClientRect().bottom"
        " - log.getBoundingClientRect().bottom; })()"
    )
    above = page.evaluate(
        "(() => { const log = document.querySelector('.log');"
        " return log.getBoundingClientRect().top"
        " - log.firstElementChild.getBoundingClientRect().top; })()"
    )

    assert 0 >= below  # Its last line is seen,
    assert 0 < above  # and its first one by scrolling up.


def test_the_policy_stops_a_script_that_got_in_all_the_same(open_page):
    page = open_page("/")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.in = 1';"
        " document.body.append(s)"
    )

    assert page.evaluate("window.in") is None
    assert "Content Security Policy" in page.faults[0]


def test_whether_a_record_holds_comes_by_itself_and_is_said(open_page, site):
    page = open_page(f"/trainings/default/mnist/runs/{site.runs['first']}")
    verdict = page.locator("#verdict")

    expect(verdict).to_contain_text("Checked", timeout=PATIENCE)
    expect(verdict).to_contain_text("Holds")
    expect(verdict).to_contain_text("each has its digest")
    expect(page.locator("#news")).to_have_text("The record holds.")
    assert [] == page.faults


def test_what_is_held_and_who_must_act_are_seen(open_page, paths):
    page = open_page(paths["gated"])

    for told in ("mnistctl release team/gated 5555", "--discard", "beyond"):
        expect(page.get_by_text(told).first).to_be_visible()
    expect(page.get_by_text("Who must act:")).to_be_visible()
    expect(page.locator("#production")).to_contain_text("9794")


# The last one: it changes the world.
def test_a_new_model_is_seen_and_said_without_a_reload(open_page, paths, site):
    page = open_page(paths["training"])
    other = open_page("/")
    expect(page.locator("#pulse")).to_have_text("Live", timeout=PATIENCE)
    link = page.locator("#decided a").first
    link.focus()
    named = link.get_attribute("href")

    site.do("publish")

    expect(page.locator("#summary")).to_contain_text("99.33 %", timeout=PATIENCE)
    expect(page.locator("#decided")).to_contain_text("5 decisions", timeout=PATIENCE)
    expect(page.locator("#news")).to_contain_text("default/mnist: Ready")
    expect(other.locator("#trainings")).to_contain_text("99.33 %", timeout=PATIENCE)
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert named == focused
    assert [] == page.faults
