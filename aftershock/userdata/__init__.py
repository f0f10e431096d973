"""What a user brings: prices and events in files of all kinds, read once for the command line and the pages.

encoding        bytes -> text
table           text -> rows of text
fields          what columns are called, in both languages
dates           columns of dates -> days and moments on New York's clock
ics             calendars
records         any file of events -> flat records
check           records -> events of the reader's own, with what was refused, asked and repeated
understanding   the types of that answer
files           events -> CSV, TOML, JSON, ICS
prices          a user's closes
plan            a user's events for a study
"""

from aftershock.userdata.check import understand
from aftershock.userdata.dates import Order, moments
from aftershock.userdata.encoding import ENCODINGS
from aftershock.userdata.files import FILES, write_events
from aftershock.userdata.plan import UserEvent, UserPlan, plan_user_events, read_events
from aftershock.userdata.prices import UserPrices, read_prices
from aftershock.userdata.table import PAGE, TERMINAL, Limits
from aftershock.userdata.understanding import Accepted, Import, Question, Rejected

__all__ = [
    "ENCODINGS",
    "FILES",
    "PAGE",
    "TERMINAL",
    "Accepted",
    "Import",
    "Limits",
    "Order",
    "Question",
    "Rejected",
    "UserEvent",
    "UserPlan",
    "UserPrices",
    "moments",
    "plan_user_events",
    "read_events",
    "read_prices",
    "understand",
    "write_events",
]
