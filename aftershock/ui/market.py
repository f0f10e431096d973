"""Any series on a page: what may be typed, what came of it, the badge that says where the bars come from, and the watch for newer ones."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import streamlit as st

from aftershock import captions
from aftershock.errors import Phrase
from aftershock.prices import Known, Prices, Series
from aftershock.prices.market import Answer, mode
from aftershock.text import Words, words
from aftershock.tickers import ELSEWHERE, OFFERED, meant, symbol
from aftershock.ui import house
from aftershock.ui.faults import safe
from aftershock.ui.frame import clock, plain, zone
from aftershock.views import MOST_SERIES, Correction, short
from aftershock.workspace import Workspace

EVERY: Final = 1.5  # seconds between two looks at what is being asked
MOST_TYPED: Final = 40  # entries that a list of series may have; what is too much is more than MOST_SERIES
_LONGEST: Final = 80  # letters of an entry: a name and its ticker
_FEW: Final = 3  # tickers under way that are named without a count
_FULL: Final = re.compile(r".*\(([^()]+)\)")  # a label with its ticker at the end


# -- what may be typed -----------------------------------------------------------------------------------------------


def offered(workspace: Workspace, chosen: Iterable[str]) -> list[str]:
    """What a list of series offers: those at home, the usual indices and shares, and what the reader has chosen already."""
    return list(dict.fromkeys((*workspace.snapshot.series, *OFFERED, *chosen)))


def label(ticker: str, say: Words) -> str:
    """'Nvidia (NVDA)', or the ticker alone where we know no name."""
    named = captions.name(ticker, say)
    return ticker if named == ticker else f"{named} ({ticker})"


def understood(typed: Sequence[str], say: Words) -> tuple[tuple[str, ...], tuple[Correction, ...]]:
    """The tickers that were typed or chosen, each once and at most MOST_SERIES, and a sentence for whatever is none."""
    names = {ticker: captions.name(ticker, say) for ticker in (*OFFERED, *ELSEWHERE)}
    found: dict[str, None] = {}
    wrong: list[Correction] = []
    for text in typed[:MOST_TYPED]:
        full = _FULL.fullmatch(text[: _LONGEST + 1])
        several = meant(full[1] if full and symbol(full[1]) else text, names) if len(text) <= _LONGEST else ()
        if len(several) == 1:
            found[several[0]] = None
        elif several:
            wrong.append(Correction("several", {"found": short(text), "names": ", ".join(f"{names[t]} ({t})" for t in several)}))
        else:
            wrong.append(Correction("typed", {"found": short(text)}))
    left = (*list(found)[MOST_SERIES:], *map(short, typed[MOST_TYPED:]))
    if left:
        wrong.append(Correction("many", {"most": MOST_SERIES, "left": ", ".join(left[:MOST_TYPED])}))
    return tuple(found)[:MOST_SERIES], tuple(wrong)


# -- what came of it -------------------------------------------------------------------------------------------------


def missing(workspace: Workspace, asked: Sequence[str], say: Words, drop: Callable[[str], None]) -> None:
    """The series without bars: why there are none, what to do, and a button that takes each out."""
    answers = house.known(asked).answers
    without = [ticker for ticker in asked if ticker not in workspace.prices.bars]
    for ticker in without:
        answer = answers[ticker]
        said = say("market.asking_one") if answer.asking else _reason(answer, say) or say("market.no_bars")
        text, button = st.columns([9, 2], vertical_alignment="center")
        text.markdown(f":material/hide_source: **{plain(label(ticker, say))}** {plain(said)}")
        button.button(
            say("market.drop"), key=f"drop-{ticker}", on_click=safe(drop), args=(ticker,), type="tertiary", icon=":material/close:"
        )


def _reason(answer: Answer, say: Words) -> str:
    """Why a ticker has no bars or older ones, what to do, and when it will be asked again."""
    if answer.reason is None:
        return ""
    advice = f"market.do_{answer.reason.code.removeprefix('prices.')}"
    again = say("market.again", time=clock(answer.retry_at, say)) if answer.retry_at is not None else ""
    return " ".join(filter(None, (answer.reason.in_words(say), say(advice) if say.has(advice) else "", again)))


# -- the badge -------------------------------------------------------------------------------------------------------


def badge(workspace: Workspace, tickers: Sequence[str], say: Words) -> None:
    """Where the bars come from and how old they are; behind it every series, and a button that asks for newer ones. While something is
    being asked the page looks every other second, otherwise never.
    """
    known = house.known(tickers)
    shown = [workspace.prices.series[t] for t in tickers if t in workspace.prices.series] or [next(iter(workspace.prices.series.values()))]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="badge"):
        _box(known, shown, say)
        _refresh_button(known, tuple(tickers), say)
        if reason := _shared_reason(known, shown, say):
            st.caption(plain(reason), width="content")
        if (due := _due(known)) is not None:
            pause = EVERY if known.asking else max(EVERY, (due - dt.datetime.now(dt.UTC)).total_seconds())
            st.fragment(safe(_watch), run_every=pause)(workspace.prices, tuple(tickers), say.lang, due)
    if news := st.session_state.pop("news", None):
        st.toast(plain(news), icon=":material/update:", duration="long")


@st.fragment
@safe
def _box(known: Known, shown: Sequence[Series], say: Words) -> None:
    """The badge itself. Opening it runs nothing else of the page."""
    icon = ":material/sync:" if known.asking else ":material/cloud_done:" if _live(known, shown) else ":material/history:"
    box = st.popover(_status(known, shown, say), icon=icon, key="market", on_change="rerun", type="tertiary")
    if box.open:
        with box:
            _details(known, shown, say)


def _live(known: Known, shown: Sequence[Series]) -> bool:
    return all(known.answers[s.ticker].live for s in shown)


def _status(known: Known, shown: Sequence[Series], say: Words) -> str:
    """'Yahoo, close of 20 Nov 2026, retrieved 3 min ago'; 'Snapshot of 11 June 2026'; how many of each where they differ."""
    snapshot = [s for s in shown if s.source == "snapshot"]
    given = [s for s in shown if s.source != "snapshot"]
    if not given:
        return plain(say("market.snapshot", day=say.date(max(s.last for s in snapshot), "long")))
    last, when = max(s.last for s in given), min(_checked(known, s) for s in given)
    if snapshot:
        facts = {"n": len(given), "day": last, "others": len(snapshot), "then": max(s.last for s in snapshot)}
        return plain(say("market.mixed", **facts))
    return plain(say("market.yahoo", day=last, ago=_ago(when, say)))


def _checked(known: Known, series: Series) -> dt.datetime:
    """When the provider last confirmed a series."""
    if (checked := known.answers[series.ticker].checked_at) is not None:
        return checked
    when = dt.datetime.fromisoformat(series.retrieved_at)
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def _ago(when: dt.datetime, say: Words) -> str:
    minutes = int((dt.datetime.now(dt.UTC) - when).total_seconds() // 60)
    if minutes < 1:
        return say("market.now")
    if minutes < 60:
        return say("market.minutes", n=minutes)
    return say("market.hours", n=minutes // 60) if minutes < 48 * 60 else say("market.days", n=minutes // (24 * 60))


def _shared_reason(known: Known, shown: Sequence[Series], say: Words) -> str:
    """Why what is shown is not newer, where there is something to say: one reason, or that there are several."""
    reasons = list(dict.fromkeys(text for s in shown if (text := _reason(known.answers[s.ticker], say))))
    return reasons[0] if len(reasons) == 1 else say("market.reasons", n=len(reasons)) if reasons else ""


def _details(known: Known, shown: Sequence[Series], say: Words) -> None:
    """Each series: whose bars, from when to when, retrieved when, why not newer, and what is particular about them."""
    for s in shown:
        answer = known.answers[s.ticker]
        parts = [say(f"market.from_{s.source}"), say.dates(s.first, s.last), _reason(answer, say) or _retrieved(known, s, say)]
        st.markdown(f"**{plain(label(s.ticker, say))}**  \n{plain(' · '.join(parts))}")
        _bullets(s.remarks, say)
    _bullets(known.notes, say)


def _bullets(said: Sequence[Phrase], say: Words) -> None:
    if said:
        st.caption("\n".join(f"- {plain(remark.in_words(say))}" for remark in said))


def _retrieved(known: Known, series: Series, say: Words) -> str:
    when = _checked(known, series).astimezone(zone())
    if series.source == "snapshot":
        return say("market.retrieved_on", day=dt.date.fromisoformat(series.retrieved_at[:10]))
    return say("market.retrieved", day=when.date(), time=say.time(when))


def _refresh_button(known: Known, tickers: tuple[str, ...], say: Words) -> None:
    """Asks for newer bars of what is shown; while that is of no use it is off, and says until when."""
    answers = [known.answers[t] for t in tickers]
    times = [a.refresh_at for a in answers if a.refresh_at is not None]
    why = ""
    if mode() == "snapshot":
        why = say("market.only_snapshot")
    elif any(a.asking for a in answers):
        why = say("market.being_asked")
    elif len(times) == len(answers):
        why = say("market.not_yet", time=clock(min(times), say))
    st.button(
        say("market.refresh"), key="refresh", icon=":material/refresh:", type="tertiary", disabled=bool(why),
        help=plain(why or say("market.refresh_help")), on_click=safe(house.refresh), args=(tickers,),
    )  # fmt: skip


# -- the watch -------------------------------------------------------------------------------------------------------


def _due(known: Known) -> dt.datetime | None:
    """From when on something may have changed by itself; None when nothing will."""
    if known.asking:
        return dt.datetime.now(dt.UTC)
    return min((a.refresh_at for a in known.answers.values() if a.refresh_at is not None), default=None)


def _watch(shown: Prices, tickers: tuple[str, ...], lang: str, due: dt.datetime) -> None:
    """Lets the page run again, once: when a series has come that was not there, when nothing is being asked any more, or when the button
    may be used again. Until then it only says what is under way.
    """
    known, say = house.known(tickers), words(lang)
    begun: set[str] = st.session_state.setdefault("asked-for", set())
    begun.update(known.asking)
    if set(known.prices.series) - set(shown.series) or (not known.asking and dt.datetime.now(dt.UTC) >= due):
        begun.intersection_update(known.asking)
        if news := _news(shown, known.prices, say):
            st.session_state["news"] = news
        st.rerun()
    if known.asking:
        names = say.listing(captions.name(t, say) for t in known.asking)
        done = {"done": len(begun) - len(known.asking), "of": len(begun), "names": names}
        st.caption(plain(say("market.progress", **done) if len(begun) > _FEW else say("market.asking", names=names)), width="content")


def _news(before: Prices, after: Prices, say: Words) -> str:
    """Which series have other bars than before, and up to when."""
    had = {t: s.sha256 for t, s in before.series.items()}
    new = [s for t, s in after.series.items() if s.sha256 != had.get(t)]
    names = say.listing(captions.name(s.ticker, say) for s in new) if len(new) <= captions.FEW else say("market.series", n=len(new))
    return say("market.news", names=names, day=max(s.last for s in new)) if new else ""
