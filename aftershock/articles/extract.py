"""What a web page says of its article. Run as a program of its own, so that a page that chokes the parser can be killed:

    python extract.py < page.html > article.json

Reads bytes, writes {"title", "publisher", "published": [strings, the surest first], "language", "text"}. The process ends itself after
SECONDS of processor time or when it wants more than MEMORY.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any, Final

import lxml.html
import trafilatura
import trafilatura.utils
from lxml import etree

SECONDS: Final = 3.0  # of processor time, so that a busy machine does not count
MEMORY: Final = 256 << 20  # bytes of its own data
DEEPEST: Final = 40  # levels of JSON-LD that are looked into
_PUBLISHED: Final = (
    "//meta[@property='article:published_time']/@content", "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime", "//meta[@name='pubdate' or @name='publishdate' or @name='date']/@content",
    "//time/@datetime",
    "//*[contains(@class,'date') or contains(@class,'time') or contains(@class,'meta') or contains(@class,'publish')][not(.//p)]//text()",
)  # fmt: skip


def article(page: bytes | str) -> dict[str, Any]:
    """The main text of a page and what its own metadata say. A page without either gives empty values; nothing is raised for bad HTML."""
    page = decoded(page) if isinstance(page, bytes) else page
    try:
        tree = lxml.html.fromstring(page) if page.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        tree = None
    if tree is None:
        return {"title": "", "publisher": "", "published": [], "language": "", "text": ""}
    data = list(_json_ld(tree))
    title = _first(tree, "//meta[@property='og:title']/@content") or _own(data, "headline") or _first(tree, "//h1//text()")
    whole = _first(tree, "//title/text()")
    publisher = _first(tree, "//meta[@property='og:site_name']/@content") or _named(data, "publisher") or _rest(whole, title)
    published = [*filter(None, [_own(data, "datePublished")]), *(s for path in _PUBLISHED for s in _strings(tree, path))]
    for unseen in tree.xpath("//template | //*[@hidden]"):
        unseen.drop_tree()
    text = trafilatura.extract(tree, include_comments=False, include_tables=True, favor_recall=True) or ""
    return {
        "title": title or whole, "publisher": publisher, "published": published[:20], "language": tree.get("lang") or "",
        "text": _without(text, title),
    }  # fmt: skip


def decoded(page: bytes) -> str:
    """The page's letters: UTF-16 with its mark, UTF-8, what its head declares, else what is likely. NULs and the XML prologue are left out:
    the parser stops at the one and refuses the other."""
    declared = re.search(rb"charset\s*=\s*[\"']?([\w-]{3,20})", page[:4096])
    names = ("utf-16",) if page[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", declared[1].decode() if declared else "")
    text = ""
    for name in names:
        try:
            text = page.decode(name)
            break
        except (UnicodeError, LookupError):
            continue
    else:
        text = trafilatura.utils.decode_file(page)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))


def _strings(tree: Any, path: str) -> list[str]:
    return [s for found in tree.xpath(path)[:50] if (s := " ".join(str(found).split())) and len(s) <= 200]


def _first(tree: Any, path: str) -> str:
    return next(iter(_strings(tree, path)), "")


def _json_ld(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, outer ones first."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()")[:20]:
        try:
            waiting: list[tuple[int, Any]] = [(0, json.loads(script))]
        except (ValueError, RecursionError):
            continue
        while waiting:
            depth, node = waiting.pop(0)
            if isinstance(node, dict):
                yield node
            if depth < DEEPEST and isinstance(node, dict | list):
                waiting += [(depth + 1, v) for v in (node.values() if isinstance(node, dict) else node) if isinstance(v, dict | list)]


def _own(data: list[dict[str, Any]], field: str) -> str:
    return next((v.strip() for node in data if isinstance(v := node.get(field), str) and v.strip()), "")[:300]


def _named(data: list[dict[str, Any]], field: str) -> str:
    return _own([v for node in data if isinstance(v := node.get(field), dict)], "name")


def _rest(whole: str, title: str) -> str:
    """The publisher of 'Title - Publisher' and 'Title | Publisher'."""
    rest = whole[len(title) :].strip() if title and whole.startswith(title) else ""
    return rest[1:].strip() if rest[:1] in ("-", "|", "–", "—", "·") else ""


def _without(text: str, title: str) -> str:
    """The text without a first line that repeats the title."""
    first, _, rest = text.partition("\n")
    return rest.strip() if title and " ".join(first.split()) == " ".join(title.split()) else text.strip()


def main() -> None:
    """Reads a page from standard input and writes what it says to standard output."""
    page = sys.stdin.buffer.read()
    try:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # the signal ends the process, inside C code too
    except (ImportError, AttributeError, ValueError, OSError):  # not on this system: whoever started us has a deadline too
        pass
    json.dump(article(page), sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
