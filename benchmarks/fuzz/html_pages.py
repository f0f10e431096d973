"""Web pages: right ones in many wrappings, damaged real ones, and the shapes that choke parsers, which go to the worker."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from aftershock.articles import extract, reading
from aftershock.errors import AftershockError
from benchmarks.fuzz import Verdict

NUMBER: Final = 10_000
FOLDER: Final = Path(__file__).resolve().parents[2] / "tests" / "articles"
FULL: Final = 1_900_000
TAGS: Final = (
    b"<p>",
    b"</p>",
    b"<div class='date'>",
    b"</div>",
    b"<script>",
    b"</script>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<table><tr><td>",
    b"<a href='javascript:alert(1)'>",
    b"<meta property='article:published_time' content='",
    b"<time datetime='",
    b"'>",
    b"<title>",
    b"&#x110000;",
    b"&amp;",
    b"&" * 50,
    b"\x00",
    b"\xff\xfe",
    b"<svg><style>",
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"&a;",
    b"<script type='application/ld+json'>",
    b'{"datePublished":',
    b"[" * 200,
    b"<template>",
    b"<iframe srcdoc='<p>'>",
    b"<base href='//x'>",
    b"<plaintext>",
    b"<b>" * 100,
    b"\xe2\x80\xae",
    b"<p a=" + b"b" * 500,
    b"<textarea>",
    b"<noscript>",
    "Hôm 27/1, ".encode(),
)


def play(rng: Random) -> Verdict:
    """One case: three in ten labelled, five damaged real pages, two of rubbish; one in a thousand is as large as may be."""
    kind = rng.random()
    if kind < 0.001:
        return through_the_worker(large(rng))
    if kind < 0.3:
        return labelled(rng)
    page = damaged(rng.choice(real()), rng) if kind < 0.8 else b"".join(rng.choice(TAGS) for _ in range(rng.randrange(1, 80)))
    found = extract.article(page)
    json.dumps(found)
    text = reading._normal(found["text"])
    reading.sentences(text[: reading.LONGEST])
    for said in found["published"]:
        reading.moment(said, "en")
    return Verdict()


def labelled(rng: Random) -> Verdict:
    """A page whose words and metadata we know: they must come out, and what stands in scripts, styles and comments must not."""
    words = [
        f"The company number {rng.randrange(1000)} said on Monday that its shares had fallen by {n} per cent in the session."
        for n in range(3, 8)
    ]
    hidden = f"hidden{rng.randrange(10**6)}"
    moment = f"20{rng.randrange(10, 30)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T0{rng.randrange(10)}:30:00+0{rng.randrange(1, 10)}:00"
    where = rng.randrange(3)
    head = (
        f"<meta property='article:published_time' content='{moment}'>",
        f"<script type='application/ld+json'>{json.dumps({'@graph': [{'datePublished': moment}]})}</script>",
        f"<meta itemprop='datePublished' content='{moment}'>",
    )[where]
    traps = [
        f"<script>var x = '{hidden}';</script>",
        f"<style>.{hidden}{{}}</style>",
        f"<!-- {hidden} -->",
        f"<template>{hidden}</template>",
    ]
    rng.shuffle(traps)
    body = "".join(f"<p>{w}</p>{t}" for w, t in zip(words, [*traps, ""], strict=True))
    page = f"<html><head><title>A headline</title>{head}</head><body><article><h1>A headline</h1>{body}</article></body></html>"
    found = extract.article(page.encode(rng.choice(("utf-8", "utf-16", "utf-8-sig"))))
    right = found["title"] == "A headline" and found["published"][:1] == [moment] and all(w in found["text"] for w in words)
    leaked = hidden in found["text"]
    return Verdict(1, int(leaked), int(not right), "" if right and not leaked else f"{found}"[:300])


@cache
def real() -> tuple[bytes, ...]:
    """The pages of the tests' articles."""
    return tuple(p.read_bytes() for p in sorted(FOLDER.rglob("*.html")))


def damaged(page: bytes, rng: Random) -> bytes:
    """A page with pieces cut out, doubled, overwritten and put in."""
    raw = bytearray(page)
    for _ in range(rng.randrange(1, 12)):
        at, length = rng.randrange(len(raw) + 1), rng.randrange(1, 60)
        match rng.randrange(4):
            case 0:
                del raw[at : at + length]
            case 1:
                raw[at:at] = raw[at : at + length]
            case 2:
                raw[at : at + length] = rng.randbytes(length)
            case _:
                raw[at:at] = rng.choice(TAGS)
    return bytes(raw)


def large(rng: Random) -> bytes:
    """As much as a page may have, in the shapes that cost most."""
    piece = rng.choice(
        (
            b"<a href=x>",
            b"<div class=date>",
            b"<table><tr><td>a</td></tr>",
            b"<p>On Monday it fell. ",
            b"&amp;",
            b"<b>",
            b"<!--",
            b"\x00",
            b"<ul><li>",
            b"<p a=1 b=2>",
            b"x" * 50,
            b"<div><p>word word word word word</p></div>",
            b"<time datetime=x>",
            b"<form><select><option>",
        )
    )
    return b"<html><body>" + piece * (FULL // len(piece))


def through_the_worker(page: bytes) -> Verdict:
    """A page as a reader sends it: an article, or a sentence that says why not."""
    try:
        long = len(reading.read(page, "page.html").text) > reading.LONGEST
        return Verdict(1, int(long), 0, "too long" if long else "")
    except AftershockError as error:
        return Verdict(about="" if error.sentence("en") != error.sentence("vi") else repr(error))
