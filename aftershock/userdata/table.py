"""Text -> a table of text: comma, semicolon, tab, pipe or Markdown; nothing is a number or a date yet.

Rows are counted as a spreadsheet counts them: the header is row 1, an empty row counts, a line break inside quotes does not.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aftershock.errors import DataError, Phrase

MARKS: Final = ",;\t|"
_SAID: Final = re.compile(r'"?sep=([,;\t|])"?[ ]*(?:\r\n?|\n)', re.IGNORECASE)
_RULE: Final = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*")
_OVER: Final = {
    "bytes": ("data.more-bytes", "data.most-bytes"),
    "columns": ("data.more-columns", "data.most-columns"),
    "rows": ("data.more-rows", "data.most-rows"),
    "parts": ("data.more-parts", "data.most-parts"),
}
Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused at once: the size of a file in bytes, its columns, its rows."""

    size: int = 64 * 2**20
    columns: int = 64
    rows: int = 100_000


PAGE: Final = Limits(size=2 * 2**20, rows=5_000)
TERMINAL: Final = Limits()
ANY: Final = Limits(size=1 << 40, columns=100_000, rows=1 << 40)  # a table of prices may be as large as it is


def row_name(number: int) -> Phrase:
    """'row 7', to name a record in a sentence."""
    return Phrase("data.row", row=str(number))


def rows_of(text: str, file: str, limits: Limits = ANY) -> tuple[str, list[Row]]:
    """(separator, the rows that are not empty), cells stripped. Raises DataError for what is no table or too large a one."""
    said = _SAID.match(text)  # a spreadsheet's own word about the separator is no row
    text = text[said.end() :] if said else text
    mark = said[1] if said else separator(text)
    rows: list[Row] = []
    try:
        for number, line in enumerate(_records(text, mark), 1):
            if len(line) > limits.columns and any(cell.strip() for cell in line[limits.columns :]):
                raise too_many("columns", limits.columns, file, row_name(number))
            cells = [cell.strip() for cell in line]
            if any(cells):
                rows.append((number, cells))
            if len(rows) > limits.rows + 1:  # one more: the header
                raise too_many("rows", limits.rows, file)
    except csv.Error as error:
        found = Phrase("data.line", line=str(error))
        raise DataError(file=file, record="-", field="-", found=found, wanted="data.csv") from error
    return mark, rows


def too_many(what: str, limit: int, file: str, record: str | Phrase = "-") -> DataError:
    """The refusal of a file with more 'bytes' (millions of them), 'columns', 'rows' or 'parts' than the limit."""
    found, wanted = _OVER[what]
    return DataError(file=file, record=record, field="-", found=Phrase(found, n=limit), wanted=Phrase(wanted, n=limit))


def separator(text: str) -> str:
    """The separator of a table: the one that stands equally often in most of the first lines, quotes left out, else the commonest."""
    lines = [line for line in re.split(r"\r\n?|\n", re.sub(r'"[^"]*"', "", text[:20_000])) if line.strip(" ")][:20]

    def score(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines] or [0]
        return (sum(c == counts[0] for c in counts) if counts[0] else 0), counts[0]

    return max(MARKS, key=score)


def _records(text: str, mark: str) -> Iterator[list[str]]:
    """Cells by row. Raises csv.Error with the number of the line. A tab-separated paste may hold quotes that quote nothing."""
    if mark == "|":
        return _pipes(text)
    if mark == "\t":
        try:
            return iter(list(_quoted(text, mark)))
        except csv.Error:
            return iter([line.split("\t") for line in re.split(r"\r\n?|\n", text)])
    return _quoted(text, mark)


def _quoted(text: str, mark: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise csv.Error(str(reader.line_num)) from error


def _pipes(text: str) -> Iterator[list[str]]:
    """A table as Markdown writes it, or cells between bars; the rule under the header is no row."""
    for line in re.split(r"\r\n?|\n", text):
        if _RULE.fullmatch(line):
            continue
        inner = line.strip().removeprefix("|")
        inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
        yield [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]
