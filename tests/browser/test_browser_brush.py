"""In a real browser: the brush of the overview zooms the chart by itself, without the server."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.reader import Opener, Reader


def strip(reader: Reader) -> tuple[float, float, float]:
    """Where the overview is in the window: x of the label 2023, x of the label 2025, and a y within the strip."""
    reader.chart.scroll_into_view_if_needed()
    found = {}
    for year in ("2023", "2025"):
        box = reader.chart.locator(".role-axis-label text", has_text=re.compile(f"^{year}$")).bounding_box()
        assert box is not None
        found[year] = box
    left, right = found["2023"], found["2025"]
    return left["x"] + left["width"] / 2, right["x"] + right["width"] / 2, left["y"] - 45


def drag(reader: Reader, steps: int = 4) -> list[list[str]]:
    """Drags from 2023 to 2025 and looks at the picture at every step, with the button still down."""
    x0, x1, y = strip(reader)
    mouse, seen = reader.page.mouse, [reader.paths()]
    mouse.move(x0, y)
    mouse.down()
    for step in range(1, steps + 1):
        mouse.move(x0 + (x1 - x0) * step / steps, y)
        seen.append(reader.changed(seen[-1]))
    mouse.up()
    return [*seen[:-1], reader.still()]


def test_the_brush_follows_the_pointer_without_the_server(read: Opener) -> None:
    """While dragging the picture changes at every step and y is rescaled; no message goes to the server; a double click
    returns to the range.
    """
    reader = read()
    axis, sent = reader.scale(), len(reader.sent)
    seen = drag(reader)
    assert len({tuple(paths) for paths in seen}) == 5
    assert all(len(paths) == 2 for paths in seen)
    assert reader.scale() != axis, "y belongs to what is shown"
    assert any("2023" in word or "2022" in word for word in reader.words() if word.startswith("Close of")), "the caption follows"
    x0, x1, y = strip(reader)
    reader.page.mouse.dblclick((x0 + x1) / 2, y)
    reader.is_drawn(seen[0])
    assert reader.scale() == axis
    expect(reader.page).to_have_url(re.compile("from=2025-01-20"))
    assert len(reader.sent) == sent, "no message to the server during or after the drag"


def test_a_click_is_not_a_brush(read: Opener) -> None:
    """A single click in the overview leaves the picture as it is, and so does one in the lines."""
    reader = read()
    before = reader.paths()
    x0, x1, y = strip(reader)
    reader.page.mouse.click((x0 + x1) / 2, y)
    reader.page.mouse.click((x0 + x1) / 2, y - 250)
    reader.page.mouse.move((x0 + x1) / 2 + 60, y - 250)
    assert reader.still() == before


def test_a_preset_clears_the_brush(read: Opener) -> None:
    """After a drag a preset shows its own range, not the brushed one."""
    reader = read()
    brushed = drag(reader, steps=2)[-1]
    reader.choice("preset", re.compile("^3M$")).click()
    reader.query(from_="2026-03-11")
    after = reader.changed(brushed)
    reader.wait_for_words("Close of 10 Mar 2026 = 100")
    fresh = read("?from=2026-03-11&to=2026-06-11")
    assert (fresh.scale(), fresh.listed(), len(fresh.paths())) == (reader.scale(), reader.listed(), len(after))


def test_the_brush_survives_choosing_an_event(read: Opener) -> None:
    """Choosing an event under the brush keeps the brushed picture."""
    reader = read()
    drag(reader, steps=2)
    caption, axis = [word for word in reader.words() if word.startswith("Close of")], reader.scale()
    reader.page.locator(".st-key-list label:has(input)").nth(3).click()
    expect(reader.card).to_be_visible()
    reader.settled().still()
    assert ([word for word in reader.words() if word.startswith("Close of")], reader.scale()) == (caption, axis)


def test_tokens_can_be_chosen_under_the_brush(read: Opener) -> None:
    """The brush takes no clicks meant for the lane: every part of it answers, above the brushed stretch too."""
    reader = read()
    drag(reader, steps=2)
    x0, x1, _ = strip(reader)
    boxes = [
        box for token in reader.chart.locator("path[aria-roledescription=point][stroke-width='1']").all() if (box := token.bounding_box())
    ]
    under = [box for box in boxes if x0 + 20 < box["x"] < x1 - 20]
    assert under
    reader.page.mouse.click(under[0]["x"] + under[0]["width"] / 2, under[0]["y"] + under[0]["height"] / 2)
    expect(reader.card).to_be_visible()
