"""The timeline page against the framework's floor: `python -m benchmarks.page -n 5`.

Every iteration starts both servers anew, one after the other, so that both see the same machine: the floor (`benchmarks/floor`, a bare
Streamlit app that draws as many points from a fixed Vega-Lite specification, started with nothing but its port) and our page, started as
`make run` starts it. The table gives medians and the median of the iterations' ratios; on a shared machine believe ratios, CPU and bytes.

"Painted" is taken inside the page: two animation frames after the chart's long lines exist. A change is timed from the reader's key or
click to two animation frames after a drawn line's path differs.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from benchmarks.results import put
from benchmarks.servers import FLOOR, OURS, PAGE, ROOT, STREAMLIT, App, machine, server_cpu, serving

HEADING = "## The timeline page against the framework's floor"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST = "2021-07-01"  # of our data
MEASURED = ("time", "browser CPU", "server CPU", "bytes")
MOVES = 60  # of the pointer in a drag
CHART_LIBRARIES = ("plotly", "echarts", "deckgl", "graphviz", "elk-", "cytoscape", "mermaid")

# In the page: `drawn` is the chart's long lines; `look` is a cheap signature of all its lines; `when` notes the time of the second frame
# after a condition holds; `watch` counts frames and those in which the picture changed.
SCRIPT = """
window.paths = () => [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg .mark-line path')];
window.lines = () => window.paths().map(e => e.getAttribute('d') || '');
window.drawn = () => window.lines().filter(d => d.length > 5000).length >= 2;
window.look = () => window.lines().map(d => d.length + d.slice(0, 80)).join('|');
window.when = (ok, key) => {
  const done = () => { window[key] = performance.now() };
  const turn = () => ok() ? requestAnimationFrame(() => requestAnimationFrame(done)) : requestAnimationFrame(turn);
  turn() };
window.arm = kind => { const before = window.look(); window.acted = window.changed = 0;
  document.addEventListener(kind, () => { window.acted = performance.now() }, {capture: true, once: true});
  window.when(() => { if (!window.acted) return false; const now = window.look(); return now && now !== before }, 'changed') };
window.watch = () => { let last = window.look(); window.frames = window.different = 0; window.watching = true;
  const turn = () => {
    if (!window.watching) return;
    const now = window.look();
    window.frames++; if (now !== last) window.different++;
    last = now; requestAnimationFrame(turn) };
  requestAnimationFrame(turn) };
window.idle = () => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning';
"""


VARIANTS = (
    App("floor without uvloop", FLOOR.folder, STREAMLIT, ours=False, switches="import sys; sys.modules['uvloop'] = None"),
    App("ours without uvloop", ROOT, OURS, ours=True, switches="import sys; sys.modules['uvloop'] = None"),
    App("ours without gc.freeze", ROOT, OURS, ours=True, switches="import gc; gc.freeze = lambda: None"),
)


@dataclass
class Sample:
    """What one iteration of one app gave: values by row name, JavaScript files of the cold load by name."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    scripts: dict[str, int] = field(default_factory=dict)
    plotly_after_choice: int = 0

    def median(self, row: str) -> float:
        """The row's value in this iteration; NaN when it was not measured."""
        return statistics.median(self.values[row]) if self.values.get(row) else float("nan")


# -- the browser -----------------------------------------------------------------------------------------------------


@dataclass
class Visit:
    """A page of a browser with an empty profile, and what crosses its wire."""

    page: Page
    cdp: Any
    pid: int
    received: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    scripts: dict[str, int] = field(default_factory=dict)

    def browser_cpu(self) -> float:
        """CPU ms of the page's main thread so far."""
        return next(m["value"] for m in self.cdp.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration") * 1e3

    def settle(self) -> None:
        """Waits until the script has ended and no message has come for 0.3 s."""
        self.page.wait_for_function("window.idle()", polling=100, timeout=30000)
        count = -1
        while count != len(self.received):
            count = len(self.received)
            self.page.wait_for_timeout(300)


@contextmanager
def visiting(browser: Browser, pid: int) -> Iterator[Visit]:
    """A new page, listened to."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    context.add_init_script(SCRIPT)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    visit = Visit(page, cdp, pid)
    names: dict[str, str] = {}

    def finished(e: dict[str, Any]) -> None:
        if e["requestId"] in names:
            visit.scripts[names[e["requestId"]]] = int(e["encodedDataLength"])

    def responded(e: dict[str, Any]) -> None:
        if (name := e["response"]["url"].split("?")[0].rsplit("/", 1)[-1]).endswith(".js"):
            names[e["requestId"]] = name

    cdp.on("Network.responseReceived", responded)
    cdp.on("Network.loadingFinished", finished)
    cdp.send("Network.enable")
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def connected(socket: Any) -> None:
        socket.on("framereceived", lambda data: visit.received.append(len(data)))
        socket.on("framesent", lambda data: visit.sent.append(len(data)))

    page.on("websocket", connected)
    try:
        yield visit
    finally:
        context.close()


def load(visit: Visit, url: str, prefix: str, sample: Sample, *, reload: bool = False) -> None:
    """Opens (or reloads) the page and notes paint, CPU and bytes under `prefix`."""
    visit.received.clear()
    before = server_cpu(visit.pid)
    if reload:
        visit.page.reload(wait_until="commit")
    else:
        visit.page.goto(url, wait_until="commit")
    visit.page.evaluate("window.painted = 0; window.when(window.drawn, 'painted')")
    visit.page.wait_for_function("window.painted > 0", timeout=60000)
    painted = visit.page.evaluate("window.painted")
    visit.settle()
    browser = visit.browser_cpu()  # counts from the navigation
    _note(sample, prefix, painted, browser, server_cpu(visit.pid) - before, sum(visit.received))


def change(visit: Visit, prefix: str, sample: Sample, prepare: Callable[[], None], act: Callable[[], None], kind: str) -> None:
    """One change of the range: `act` makes the DOM event `kind` that commits it."""
    prepare()
    visit.page.wait_for_timeout(200)
    visit.received.clear()
    before, browser_before = server_cpu(visit.pid), visit.browser_cpu()
    visit.page.evaluate(f"window.arm('{kind}')")
    act()
    visit.page.wait_for_function("window.changed > 0", timeout=20000)
    took = visit.page.evaluate("window.changed - window.acted")
    visit.settle()
    _note(sample, prefix, took, visit.browser_cpu() - browser_before, server_cpu(visit.pid) - before, sum(visit.received))


def _note(sample: Sample, prefix: str, milliseconds: float, browser: float, server: float, received: float) -> None:
    for what, value in zip(MEASURED, (milliseconds, browser, server, received), strict=True):
        sample.values[f"{prefix}: {what}"].append(value)


def type_date(visit: Visit, prefix: str, sample: Sample, part: str, wanted: tuple[str, ...]) -> None:
    """Changes of the range's first day in the date field, by its month or year; Escape commits."""
    spinner = visit.page.locator(f'[data-range-field="start"] [data-type="{part}"]')
    for digits in wanted:

        def prepare(digits: str = digits) -> None:
            spinner.click()
            visit.page.keyboard.type(digits)

        change(visit, prefix, sample, prepare, lambda: visit.page.keyboard.press("Escape"), "keydown")


def click_presets(visit: Visit, prefix: str, sample: Sample, names: tuple[str, ...]) -> None:
    """Changes of the range by our presets."""
    for name in names:
        pill = visit.page.locator(".st-key-preset button").get_by_text(name, exact=True)
        change(visit, prefix, sample, lambda: None, pill.click, "click")


def brush(visit: Visit, sample: Sample) -> None:
    """A drag in the overview strip: messages to the server while the pointer moves, and frames in which the picture changed."""
    visit.page.set_viewport_size({"width": 1400, "height": 1300})  # the strip is below the fold of a laptop
    visit.page.wait_for_timeout(500)
    box = visit.page.evaluate(
        "(() => { const b = window.paths().filter(e => e.getAttribute('d').length > 5000).map(e => e.getBoundingClientRect())"
        ".sort((a, b) => b.top - a.top)[0];"
        " if (b.bottom > innerHeight) throw new Error('the strip is below the fold: a pointer cannot get there');"
        " return [b.left, b.top, b.width, b.height] })()"
    )
    left, top, width, height = box
    y = top + height / 2
    visit.page.mouse.move(left + width * 0.15, y)
    visit.page.mouse.down()
    visit.page.mouse.move(left + width * 0.16, y)
    visit.sent.clear()
    visit.page.evaluate("window.watch()")
    for step in range(MOVES):
        visit.page.mouse.move(left + width * (0.16 + 0.7 * step / (MOVES - 1)), y)
    visit.page.wait_for_timeout(50)
    frames, different = visit.page.evaluate("(window.watching = false, [window.frames, window.different])")
    sample.values["brush: messages sent"].append(len(visit.sent))
    sample.values["brush: frames"].append(frames)
    sample.values["brush: frames that changed"].append(different)
    visit.page.mouse.up()
    visit.page.wait_for_timeout(400)
    sample.values["brush: messages after letting go"].append(len(visit.sent))
    visit.page.mouse.dblclick(left + width / 2, y)


def choose_candles(visit: Visit, sample: Sample) -> None:
    """Proves that Plotly comes only when candles are chosen."""
    visit.page.locator(".st-key-show button").nth(1).click()
    visit.page.wait_for_selector(".js-plotly-plot .main-svg", timeout=30000)
    visit.settle()
    sample.plotly_after_choice = sum(size for name, size in visit.scripts.items() if "plotly" in name.lower())


# -- an iteration ----------------------------------------------------------------------------------------------------


def iteration(playwright: Playwright, app: App, *, short: bool = False) -> Sample:
    """Everything once, with a fresh server. `short` keeps to the cold load and the changes."""
    sample = Sample()
    with serving(app) as (pid, url):
        for cold in (False, True):  # the first visit only warms the server; each visit has a browser of its own
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            try:
                with visiting(browser, pid) as visit:
                    if not cold:
                        load(visit, url, "first", sample)
                        continue
                    load(visit, url, "cold", sample)
                    sample.scripts = dict(visit.scripts)
                    if not short:
                        for _ in range(3):
                            load(visit, url, "warm", sample, reload=True)
                    _changes(visit, app, url, sample)
                    if app.ours and not short:
                        brush(visit, sample)
                        choose_candles(visit, sample)
            finally:
                browser.close()
    return sample


def _changes(visit: Visit, app: App, url: str, sample: Sample) -> None:
    """Changes of the range. No range comes twice: the framework sends what the browser still has as a reference only."""
    if app.ours:
        click_presets(visit, "preset", sample, ("3M", "6M", "1Y", "1M"))
        load(visit, url, "again", sample)
        type_date(visit, "date", sample, "year", ("2024", "2023", "2022"))
        url += f"?from={FIRST}&to=2050-12-31"
    load(visit, url, "again", sample)
    type_date(visit, "wide", sample, "month", ("08", "09", "10"))
    type_date(visit, "narrowing", sample, "year", ("2022", "2023", "2024"))
    if not app.ours:  # the floor knows one way to change the range
        for what in MEASURED:
            sample.values[f"preset: {what}"] = sample.values[f"date: {what}"] = sample.values[f"wide: {what}"]


# -- the report ------------------------------------------------------------------------------------------------------

ROWS = {
    "cold": "cold paint",
    "warm": "warm paint",
    "preset": "range change, preset",
    "date": "range change, date field",
    "wide": "range change near the whole period",
    "narrowing": "the same, floor sending fewer points",
}


def ratios(floor: list[Sample], ours: list[Sample], row: str) -> list[float]:
    """Ours over the floor, iteration by iteration."""
    return [o.median(row) / f.median(row) for f, o in zip(floor, ours, strict=True)]


def aims(prefix: str) -> dict[str, float]:
    """What our page may cost over the floor, by what is measured."""
    if prefix == "narrowing":
        return {}
    return {"time": 1.2} | ({} if prefix in ("cold", "warm") else {"server CPU": 1.0, "bytes": 1.0})


def table(floor: list[Sample], ours: list[Sample]) -> list[str]:
    """The table, in Markdown."""
    lines = ["| | floor | ours | ours / floor (min .. max) | aim |", "|---|---:|---:|---:|---:|"]
    for prefix, name in ROWS.items():
        for what in MEASURED:
            aim = aims(prefix).get(what)
            row, unit = f"{prefix}: {what}", "" if what == "bytes" else " ms"
            middle = [statistics.median(s.median(row) for s in samples) for samples in (floor, ours)]
            found = ratios(floor, ours, row)
            ratio = statistics.median(found)
            verdict = "" if aim is None else f"{'' if ratio <= aim else 'missed: '}≤ {aim}"
            label = f"{name}: " + {"bytes": "WebSocket bytes received", "browser CPU": "browser main-thread CPU"}.get(what, what)
            spread = f"{ratio:.2f} ({min(found):.2f} .. {max(found):.2f})"
            lines.append(f"| {label} | {middle[0]:,.0f}{unit} | {middle[1]:,.0f}{unit} | {spread} | {verdict} |")
    return lines


def scripts(floor: Sample, ours: Sample, bare: dict[str, int]) -> list[str]:
    """What JavaScript a cold visit downloads."""
    vega = {name for name in floor.scripts if name not in bare}

    def of_charts(files: dict[str, int]) -> dict[str, int]:
        return {n: s for n, s in files.items() if n in vega or any(library in n.lower() for library in CHART_LIBRARIES)}

    all_floor, all_ours, chartless = (sum(files.values()) for files in (floor.scripts, ours.scripts, bare))
    chart, early = sum(of_charts(ours.scripts).values()), sum(s for n, s in ours.scripts.items() if "plotly" in n.lower())
    biggest = sorted(ours.scripts.items(), key=lambda item: -item[1])[:8]
    extra = sorted(((n, s) for n, s in ours.scripts.items() if n not in floor.scripts), key=lambda item: -item[1])

    def listing(files: list[tuple[str, int]]) -> str:
        return ", ".join(f"{name.split('.')[0]} {size:,}" for name, size in files)

    return [
        f"- JavaScript of a cold visit, bytes: floor {all_floor:,} ({chartless:,} without its chart), ours {all_ours:,}.",
        f"- Chart libraries: floor {sum(of_charts(floor.scripts).values()):,}, ours {chart:,}"
        f" (aim: at most 1,070,000{'' if chart <= 1_070_000 else '; missed'}).",
        f"- Plotly before candles are chosen: {early:,}; after: {ours.plotly_after_choice:,}.",
        f"- Our biggest files: {listing(biggest)}.",
        f"- Ours and not the floor's: {len(extra)} files, {sum(s for _, s in extra):,} bytes: {listing(extra[:8])}.",
    ]


def brushing(ours: list[Sample]) -> str:
    """The line about the brush."""
    sent, after = (max(v for s in ours for v in s.values[f"brush: messages {when}"]) for when in ("sent", "after letting go"))
    changed, frames = (sum(v for s in ours for v in s.values[f"brush: {what}"]) for what in ("frames that changed", "frames"))
    return (
        f"- Brush: {sent:.0f} messages to the server during a drag ({after:.0f} after letting go);"
        f" {MOVES * len(ours)} moves of the pointer changed the picture in {changed:.0f} of {frames:.0f} frames."
    )


def footnote(samples: dict[str, list[Sample]]) -> str:
    """What a switched-off part costs: server CPU of a change against the same app as it is."""
    parts = []
    for app in VARIANTS:
        row = "wide: server CPU"
        found = ratios(samples[PAGE.name if app.ours else FLOOR.name], samples[app.name], row)
        parts.append(f"{app.name} {statistics.median(found):.2f} ({min(found):.2f} .. {max(found):.2f})")
    return "- Server CPU of a range change with a part switched off, relative to the same app as it is: " + "; ".join(parts) + "."


def chartless(playwright: Playwright) -> dict[str, int]:
    """The JavaScript of the floor's page without a chart."""
    with serving(FLOOR) as (pid, url):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        with visiting(browser, pid) as visit:
            visit.page.goto(url + "?chart=no")
            visit.page.wait_for_selector("[data-testid=stDateInput]")
            visit.settle()
            found = dict(visit.scripts)
        browser.close()
    return found


def main() -> None:
    """Runs, prints, writes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="iterations (5)")
    parser.add_argument("--parts", action="store_true", help="also measure with uvloop and gc.freeze switched off")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    asked = parser.parse_args()
    samples: dict[str, list[Sample]] = defaultdict(list)
    with sync_playwright() as playwright:
        bare = chartless(playwright)
        for number in range(asked.n):
            for app in (FLOOR, PAGE) if number % 2 == 0 else (PAGE, FLOOR):
                samples[app.name].append(iteration(playwright, app))
            for app in VARIANTS if asked.parts else ():
                samples[app.name].append(iteration(playwright, app, short=True))
            print(f"{number + 1} of {asked.n}", file=sys.stderr, flush=True)
    floor, ours = samples[FLOOR.name], samples[PAGE.name]
    command = "python -m benchmarks.page " + " ".join(sys.argv[1:])
    when = f"{dt.datetime.now().astimezone():%d %B %Y, %H:%M}"
    lines = [
        f"{when}, `{command.strip()}`; {machine()}. Medians of {asked.n} interleaved iterations.", "",
        *table(floor, ours), "", *scripts(floor[0], ours[0], bare), brushing(ours),
    ]  # fmt: skip
    if asked.parts:
        lines.append(footnote(samples))
    print("\n".join(lines))
    if not asked.dry:
        put(HEADING, lines)


if __name__ == "__main__":
    main()
