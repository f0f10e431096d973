"""Text that means harm: a corpus of payloads, a canary that counts what they reach, and what may never be found in a page.

Every payload ends with a mark of its own, so that it can be seen whether the text is still there, and whatever could run calls the canary
and leaves `window.__hit` behind.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_RUN: Final = "window.__hit=1;fetch('CANARY/run')"
_TEXTS: Final = {
    # markup
    "script": f"<script>{_RUN}</script>",
    "script-src": "<script src=CANARY/a.js></script>",
    "close-script": f"</script><script>{_RUN}</script>",
    "close-style": f"</style><script>{_RUN}</script>",
    "close-title": f"</title></textarea><script>{_RUN}</script>",
    "comment": f"--><script>{_RUN}</script><!--",
    "cdata": f"]]><script>{_RUN}</script>",
    "img-onerror": f'<img src=x onerror="{_RUN}">',
    "img-remote": "<img src=CANARY/pixel.gif>",
    "svg-onload": f'<svg onload="{_RUN}">',
    "svg-use": '<svg><use href="data:image/svg+xml,<svg id=x onload=fetch(`CANARY/u`)>#x"/></svg>',
    "iframe-srcdoc": f'<iframe srcdoc="<script>{_RUN}</script>">',
    "iframe-src": "<iframe src=CANARY/frame>",
    "details": f'<details open ontoggle="{_RUN}">x',
    "body-onload": f'<body onload="{_RUN}">',
    "input-focus": f'<input autofocus onfocus="{_RUN}">',
    "video": f'<video><source onerror="{_RUN}"></video>',
    "math": f'<math><mtext><mglyph><style><!--</style><img src onerror="{_RUN}">',
    "form": '<form action="CANARY/f"><button>x</button></form>',
    "base": "<base href=CANARY/>",
    "meta": '<meta http-equiv=refresh content="0;url=CANARY/m">',
    "link-css": "<link rel=stylesheet href=CANARY/c.css>",
    "style-import": "<style>@import 'CANARY/s.css'; body{display:none}</style>",
    "object": "<object data=CANARY/o></object><embed src=CANARY/e>",
    "attribute": f'" onmouseover="{_RUN}" x="',
    "attribute-single": f"' onfocus='{_RUN}' autofocus x='",
    "half-tag": f"<img src=x onerror={_RUN.replace(' ', '')}//",
    "entities": "&lt;script&gt;fetch('CANARY/e')&lt;/script&gt; &#x3c;img src=x&#x3e;",
    "unicode-escape": "\\u003cscript\\u003efetch('CANARY/e')\\u003c/script\\u003e",
    # addresses
    "javascript": f"javascript:{_RUN}",
    "javascript-mixed": f"JaVaScRiPt:{_RUN}",
    "anchor": f'<a href="javascript:{_RUN}">click</a>',
    "data-url": "data:text/html,<script>fetch('CANARY/d')</script>",
    "vbscript": 'vbscript:msgbox("x")',
    "bare-url": "CANARY/bare www.example.org a@example.org",
    # Markdown and Streamlit
    "md-image": "![x](CANARY/md.png)",
    "md-reference": "![x][y] and [y]: CANARY/md2.png",
    "md-link": f"[click](javascript:{_RUN})",
    "md-autolink": "<CANARY/auto>",
    "md-break-out": "](CANARY/out) ![a](CANARY/b.png",
    "md-heading": "# Heading\u2028- item **bold** _it_ ~~no~~ | a | b |",
    "directive": ":red[warning] :red-background[x] :material/home: :streamlit: :rocket:",
    "directive-break": "] :red[x]: [a](CANARY/z)",
    "latex": "$\\frac{1}{2}$ $$x^2$$ \\(y\\)",
    "latex-href": f"$\\href{{javascript:{_RUN}}}{{click}}$ $\\includegraphics{{CANARY/l.png}}$",
    "latex-html": "$\\htmlClass{x}{y}$ \\unicode{x41}",
    "backticks": "`code` ``` \u2028 ```html",
    # charts
    "vega-expression": "datum.x; warn('x'); constructor.constructor(\"fetch('CANARY/v')\")()",
    "vega-quote": "'] + fetch('CANARY/q') + ['",
    "vega-object": '{"url": "CANARY/data.json", "signal": "1"}',
    "vega-tooltip": '{"image": "CANARY/tip.png", "title": "x"}',
    "plotly-html": f'<a href="javascript:{_RUN}">x</a><br><b>bold</b><sub>s</sub>',
    "plotly-image": "<extra></extra>%{customdata} <image xlink:href=CANARY/p.png>",
    # templates and type setting
    "jinja": "{{7*7}} {% for x in [1] %}{{ x }}{% endfor %} {{ ''.__class__.__mro__ }}",
    "dollar": "${7*7} #{7*7} <%= 7*7 %> %(x)s {0} {x!r}",
    "typst-eval": '#eval("1+1") #read("/etc/passwd") #set page(width: 1pt)',
    "typst-image": '#image("CANARY/t.png") #link("javascript:1")[x] $ sum $ @ref <label>',
    "latex-file": "\\input{/etc/passwd} \\write18{id} %",
    # spreadsheets
    "formula": '=HYPERLINK("CANARY/h","click")',
    "formula-dde": "=cmd|' /C calc'!A0",
    "formula-plus": "+1+cmd|' /C calc'!A0",
    "formula-minus": "-2+3+cmd|' /C calc'!A0",
    "formula-at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula-web": '=WEBSERVICE("CANARY/w")',
    "formula-quoted": '"=1+1',
    "formula-apostrophe": "'=1+1",
    "formula-wide": "＝1+1",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "separators": 'a,b;c\td"e""f\'g|h',
    "lines": "one\r\n=two\nthree",
    # calendars, paths, numbers
    "ics": "END:VEVENT BEGIN:VALARM ATTACH:CANARY/i",
    "path": "../../../../etc/passwd",
    "path-windows": "..\\..\\con C:\\x",
    "null": "nu\x00ll",
    "escape": "\x1b]8;;CANARY/t\x1b\\link",
    "percent": "%00%0d%0aSet-Cookie:x=1",
    # writing
    "bidi": "abc\u202egpj.exe",
    "isolate": "a\u2067b\u2069",
    "zero-width": "ze\u200bro\u2060wi\ufeffdth",
    "zalgo": "Z" + "\u0338\u0334\u0321" * 12 + "algo",
    "long-word": "W" * 150,
    "emoji": "👩‍👩‍👧‍👦🏴‍☠️📉 𝔘𝔫𝔦",
    "right-to-left": "العربية עברית",
    "vietnamese": "Ẩn ữ ợ ỹ đ ₫",
    "private": "\ue000 \U000f0000 \ufffd",
    "surrogate-like": "\\ud800 \\uDFFF",
    "json": '{"a": NaN, "__proto__": {"x": 1}}',
    "sql": "'; DROP TABLE aftershock_event; --",
    "shell": "$(touch x) `id` ; rm -rf x & echo",
}  # fmt: skip
MARKS: Final = {name: f"Zq{n:02d}" for n, name in enumerate(_TEXTS, 10)}
NAMES: Final = tuple(_TEXTS)


def payloads(canary: str) -> dict[str, str]:
    """Each name with its payload, which has its mark and is aimed at a canary's address."""
    return {name: f"{text.replace('CANARY', canary)} {MARKS[name]}" for name, text in _TEXTS.items()}


class Canary(ThreadingHTTPServer):
    """Counts whoever comes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[str] = []

    @property
    def url(self) -> str:
        """Its address: not the dashboard's host, so that every way to it is a foreign one."""
        return f"http://localhost:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Somebody was made to come."""
        self.server.heard.append(self.path)  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def canary() -> Iterator[Canary]:
    """A canary that listens."""
    with Canary() as bird:
        threading.Thread(target=bird.serve_forever, daemon=True).start()
        try:
            yield bird
        finally:
            bird.shutdown()


# What payloads would leave in a page. The page's own elements have none of these.
TRACES: Final = """() => {
  const bad = [];
  if (window.__hit) bad.push('ran: ' + window.__hit);
  const roots = [document], seen = document.querySelectorAll('*');
  for (const e of seen) if (e.shadowRoot) roots.push(e.shadowRoot);
  for (const root of roots) for (const e of root.querySelectorAll('*')) {
    for (const a of e.attributes) {
      const value = a.value.replace(/[\\s\\u0000-\\u001f]/g, '').toLowerCase();
      if (/^on/.test(a.name) && a.name !== 'on') bad.push(`${e.tagName} ${a.name}`);
      if (/^(xlink:)?(href|src|action|formaction|data|srcdoc)$/.test(a.name) && /^(javascript|vbscript|data:text)/.test(value))
        bad.push(`${e.tagName} ${a.name}=${a.value.slice(0, 80)}`);
      if (a.name === 'srcdoc') bad.push('srcdoc');
    }
    if (['OBJECT', 'EMBED', 'BASE'].includes(e.tagName)) bad.push(e.tagName);
    if (e.tagName === 'META' && /refresh/i.test(e.httpEquiv)) bad.push('refresh');
  }
  return bad;
}"""


class Watch:
    """What a real page of Chromium did: requests to others than `home`, dialogs, and traces in its elements."""

    def __init__(self, page: Any, home: str) -> None:
        self.page, self.home = page, home
        self.found: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("dialog", self._dialog)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.home, self.home.replace("http", "ws", 1), "data:", "blob:", "about:")):
            self.found.append(f"request: {url[:200]}")

    def _dialog(self, dialog: Any) -> None:
        self.found.append(f"dialog: {dialog.message[:80]}")
        dialog.dismiss()

    def look(self, where: str) -> list[str]:
        """Everything found until now that may not be, with the place where it was looked for."""
        self.found += [f"{where}: {trace}" for trace in self.page.evaluate(TRACES)]
        return self.found
