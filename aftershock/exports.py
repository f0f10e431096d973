"""Files to take away. EXPORTS is the table of formats; each takes an `Exhibit` and gives bytes.

Pictures are drawn by vl-convert, without a browser. Text from data is text everywhere: no cell is a formula, no title
closes a script.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
import vl_convert
import xlsxwriter

from aftershock.charts import fonts
from aftershock.charts.theme import Spec

# what a spreadsheet would run or split on; such text is written with an apostrophe in front in CSV, as text in XLSX
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One chart ready to be taken away: its picture and its interactive specification (made when first needed), its table
    (index: sessions), the facts about it (title, source, as-of date, permalink, ...) and its file name without ending.
    """

    picture: Callable[[str], Spec]  # size name -> specification
    interactive: Callable[[], Spec]
    table: Callable[[], pd.DataFrame]
    facts: dict[str, Any]
    slug: str
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: its ending, its media type, how it is made, and the picture sizes that it comes in."""

    ending: str
    media: str
    make: Callable[[Exhibit, str], bytes]
    sizes: tuple[str, ...] = ("article",)
    mark: bytes = b""  # goes in front of a download by hand: spreadsheets need it to see that a CSV is UTF-8

    def download(self, exhibit: Exhibit, size: str) -> bytes:
        """The file as a person's browser should get it."""
        return self.mark + self.make(exhibit, size)


def _png(exhibit: Exhibit, size: str) -> bytes:
    fonts.register()
    return bytes(vl_convert.vegalite_to_png(exhibit.picture(size), scale=2))


def _svg(exhibit: Exhibit, size: str) -> bytes:
    fonts.register()
    return _renumbered(vl_convert.vegalite_to_svg(exhibit.picture(size))).encode()


def _renumbered(svg: str) -> str:
    """The picture with its clips counted from 1: Vega counts on from one picture to the next, and the same must be the same file."""
    numbers = {found: n for n, found in enumerate(dict.fromkeys(re.findall(r'id="clip(\d+)"', svg)), 1)}
    return re.sub(r'((?:id="|url\(#)clip)(\d+)', lambda m: f"{m[1]}{numbers.get(m[2], m[2])}", svg)


def _pdf(exhibit: Exhibit, size: str) -> bytes:
    fonts.register()
    return bytes(vl_convert.vegalite_to_pdf(exhibit.picture(size)))


def _json(exhibit: Exhibit, size: str) -> bytes:
    spec = exhibit.picture(size)
    spec = spec | {"usermeta": {"aftershock": exhibit.facts}}
    return json.dumps(spec, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _csv(exhibit: Exhibit, size: str) -> bytes:
    return to_csv(exhibit.table())


def _xlsx(exhibit: Exhibit, size: str) -> bytes:
    return to_xlsx(exhibit.table(), exhibit.facts)


def _html(exhibit: Exhibit, size: str) -> bytes:
    return to_html(exhibit.interactive(), exhibit.facts, exhibit.lang)


EXPORTS: Final = {
    "png": Format("png", "image/png", _png, ("article", "slide", "square")),
    "svg": Format("svg", "image/svg+xml", _svg),
    "pdf": Format("pdf", "application/pdf", _pdf),
    "html": Format("html", "text/html", _html),
    "csv": Format("csv", "text/csv", _csv, mark=b"\xef\xbb\xbf"),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": Format("json", "application/json", _json),
}


def file_name(exhibit: Exhibit, code: str, size: str) -> str:
    """A name that says what is inside; the size is part of it where there is a choice."""
    kind = EXPORTS[code]
    return f"{exhibit.slug}{f'-{size}' if len(kind.sizes) > 1 else ''}.{kind.ending}"


# -- tables ----------------------------------------------------------------------------------------------------------


def as_text(value: object) -> object:
    """A cell for CSV: text that a spreadsheet would run gets an apostrophe in front; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(_FORMULA_STARTS) else "") + value.replace("\r", " ")  # a bare \r would end the row


def to_csv(table: pd.DataFrame) -> bytes:
    """UTF-8, ISO dates, decimal points, plain hyphens; an empty field is a missing figure."""
    safe = table.copy()
    for column in safe.columns:
        if not (pd.api.types.is_numeric_dtype(safe[column]) or pd.api.types.is_datetime64_any_dtype(safe[column])):
            safe[column] = pd.Series([as_text(v) for v in safe[column]], index=safe.index, dtype=object)
    safe.columns = [str(as_text(str(c))) for c in safe.columns]
    return safe.to_csv(date_format="%Y-%m-%d", lineterminator="\n").encode()


def to_xlsx(table: pd.DataFrame, facts: dict[str, Any]) -> bytes:
    """A workbook of two sheets: the table, and where it comes from. Text is never a formula or a link."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("data")
    for column, heading in enumerate([table.index.name or "date", *table.columns]):
        sheet.write_string(0, column, str(heading), bold)
    for row, (named, values) in enumerate(zip(table.index, table.itertuples(index=False), strict=True), start=1):
        for column, value in enumerate((named, *values)):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif isinstance(value, bool | np.bool_):
                sheet.write_boolean(row, column, bool(value))
            elif pd.notna(value) and isinstance(value, dt.date):  # a Timestamp is one too
                sheet.write_datetime(row, column, value, day)
            elif pd.notna(value):
                sheet.write_number(row, column, float(value))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 12)
    about = book.add_worksheet("about")
    for row, (name, value) in enumerate(facts.items()):
        about.write_string(row, 0, str(name), bold)
        about.write_string(row, 1, str(value))
    about.set_column(0, 0, 16)
    about.set_column(1, 1, 110)
    book.close()
    return buffer.getvalue()


# -- the interactive page --------------------------------------------------------------------------------------------

_PAGE: Final = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: "Be Vietnam Pro", "Source Sans 3", "Segoe UI", system-ui, sans-serif; color: #1a1f2b; background: #fff }}
main {{ margin: 2rem auto; max-width: 72rem; padding: 0 1rem }}
h1 {{ font-size: 1.5rem; margin: 0 0 .25rem }}
p {{ color: #566070; margin: 0 0 1rem; overflow-wrap: anywhere }}
#chart {{ width: 100% }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{subtitle}</p>
<div id="chart" role="img" aria-label="{alt}"></div>
<p>{footer}</p>
</main>
<script>{library}</script>
<script type="application/json" id="spec">{spec}</script>
<script>
vegaEmbed("#chart", JSON.parse(document.getElementById("spec").textContent), {{"actions": false, "renderer": "svg"}})
</script>
</body>
</html>
"""


@cache
def _library() -> str:
    """Vega, Vega-Lite and vega-embed as one script, safe to stand in a page. Bundling takes seconds, so once is enough."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")


def to_html(spec: Spec, facts: dict[str, Any], lang: str) -> bytes:
    """One file that works without a network: the chart library, the data and the words. Nothing in the data can end a
    script: '<' is written as an escape inside JSON, and every word in the page is escaped.
    """
    packed = json.dumps(spec, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    texts = {key: html.escape(str(facts.get(key, ""))) for key in ("title", "subtitle", "alt", "footer")}
    return _PAGE.format(lang=lang, library=_library(), spec=packed, **texts).encode()
