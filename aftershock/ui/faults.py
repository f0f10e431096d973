"""Faults of ours: the reader is told in one sentence with an id, and the log holds the id with the traceback. Nothing of it reaches a page.

What is written in a callback or in a fragment's own run is outside of `ui.run`, so each of them is wrapped by hand: `on_click=safe(_save)`.
"""

from __future__ import annotations

import functools
import logging
import secrets
import traceback
from collections.abc import Callable
from typing import Final, ParamSpec

import streamlit as st
from streamlit.errors import FragmentHandledException

from aftershock.text import words
from aftershock.ui.address import language

_LOG: Final = logging.getLogger(__name__)
_TOO_SHORT: Final = 4  # letters of a value of the address that need not be hidden: they say nothing
P = ParamSpec("P")


def told(error: Exception) -> bool:
    """Says that something failed, with an id, and logs the traceback under that id. True: nobody else has to show it, which is what
    `st.App(on_script_error=)` wants to hear.
    """
    fault = secrets.token_hex(4)
    _LOG.error("fault %s\n%s", fault, _hidden("".join(traceback.format_exception(error))))
    st.error(words(language())("fault.sentence", id=fault), icon=":material/error:")
    return True


def safe(function: Callable[P, object]) -> Callable[P, None]:
    """The function, made safe to be called by Streamlit: a fault of it is told, and the page goes on with what there was. What Streamlit
    itself raises to stop or to begin again passes.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except FragmentHandledException:
            raise
        except Exception as error:
            told(error)

    return guarded


def _hidden(text: str) -> str:
    """A traceback in which nothing stands that the reader's address said."""
    for key in st.query_params:
        for value in st.query_params.get_all(key):
            text = text.replace(value, "…") if len(value) >= _TOO_SHORT else text
    return text
