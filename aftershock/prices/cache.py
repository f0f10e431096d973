"""What a live source gave, kept on the disk: one Parquet file per ticker, named after its hash, and a small manifest that names it.

A manifest is written after its bars and replaces the older one in one step, so that at any moment each ticker is there in an older or
a newer state and never in between. What does not fit its hash is set aside and reported. A disk that cannot be used is no error: the
cache is then empty, says why, and the program goes on.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd
from filelock import FileLock, Timeout

from aftershock.errors import Phrase
from aftershock.prices.files import STRAY, phrase_from, phrase_to, write_whole
from aftershock.prices.types import COLUMNS, DIVIDEND, Held, PriceRequest, Prices, Series, provided

SCHEMA: Final = 1
PATIENCE: Final = 5.0  # seconds to wait for another writer
DAMAGED: Final = "damaged"  # the folder of what was set aside


class Cached:
    """The price cache in a folder. Reads at once, writes one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder and sweeps what a killed writer left. Never raises: see `troubles`."""
        self._folder = folder
        self._lock = threading.Lock()
        self._writer = FileLock(folder / ".lock", timeout=PATIENCE)
        self._damaged: list[str] = []
        self._unusable: Phrase | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(Timeout), self._writer.acquire(timeout=0):  # a writer is at work: it will not be in its way
                self._sweep()
        except OSError as error:
            self._unusable = _why(error)

    @property
    def troubles(self) -> tuple[Phrase, ...]:
        """What a reader should know: files that were damaged, a folder that cannot be used."""
        damaged = [Phrase("prices.cache-damaged", tickers=", ".join(self._damaged))] if self._damaged else []
        return tuple(damaged if self._unusable is None else [*damaged, self._unusable])

    @property
    def usable(self) -> bool:
        """False after a read or a write that the disk refused."""
        return self._unusable is None

    def takes_files(self) -> bool:
        """True when a file can be written right now; it is gone again."""
        try:
            with tempfile.TemporaryFile(prefix=STRAY, dir=self._folder) as file:
                file.write(b"\0")
            return True
        except OSError:
            return False

    @property
    def tickers(self) -> tuple[str, ...]:
        """The tickers that there are, sorted."""
        with suppress(OSError):
            return tuple(sorted(t for path in self._folder.glob("*.json") if (t := ticker_of(path.stem)) is not None))
        return ()

    def version(self, ticker: str) -> int | None:
        """A number that changes when the ticker's bars are replaced, by whomever; None when there are none."""
        try:
            return self._manifest(ticker).stat().st_mtime_ns
        except OSError:
            return None

    def get(self, ticker: str) -> Held | None:
        """The bars of a ticker, or None. Damaged ones are set aside, once, and reported."""
        for _ in range(3):  # a writer may take away the older bars between our two reads
            try:
                manifest = json.loads(self._manifest(ticker).read_text(encoding="utf-8"))
                raw = (self._folder / _own_name(manifest["file"])).read_bytes()
            except FileNotFoundError:
                if self.version(ticker) is None:
                    return None
                continue
            except (ValueError, KeyError, TypeError):
                break
            except OSError as error:
                self._unusable = _why(error)
                return None
            with suppress(Exception):  # whatever a damaged file makes of its reader
                return _read(ticker, manifest, raw)
            break
        self._set_aside(ticker)
        return None

    def put(self, held: Held) -> bool:
        """Keeps the bars of a ticker; True when they are on the disk. Never raises: see `troubles`."""
        raw = _parquet(held.bars)
        digest = hashlib.sha256(raw).hexdigest()
        s = held.series
        name = file_name(s.ticker)
        manifest = {
            "schema": SCHEMA, "ticker": s.ticker, "file": f"{name}.{digest[:16]}.parquet", "sha256": digest, "rows": s.sessions,
            "first": f"{s.first:%Y-%m-%d}", "last": f"{s.last:%Y-%m-%d}", "name": s.name, "kind": s.kind, "currency": s.currency,
            "source": s.source, "retrieved_at": s.retrieved_at, "adjustment": s.adjustment, "note": s.note,
            "remarks": [phrase_to(r) for r in s.remarks],
        }  # fmt: skip
        try:
            with self._lock, self._writer:
                write_whole(self._folder / str(manifest["file"]), raw)
                write_whole(self._folder / f"{name}.json", _as_json(manifest | {"seal": _seal(manifest)}))
                self._drop_older(name, str(manifest["file"]))
        except OSError as error:
            self._unusable = _why(error)
            return False
        self._unusable = None
        return True

    def closes(self, request: PriceRequest) -> Prices:
        """The bars of the request. Raises PricesUnavailable naming the ticker that is not here."""
        return provided(self.get, request)

    def _manifest(self, ticker: str) -> Path:
        return self._folder / f"{file_name(ticker)}.json"

    def _drop_older(self, name: str, current: str) -> None:
        for path in self._folder.glob(f"{name}.*.parquet"):
            if path.name != current:
                path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Takes away what writers who were killed have left: unfinished files, and bars that no manifest names."""
        for path in (*self._folder.glob(f"{STRAY}*"), *(p for p in self._folder.glob("*.parquet") if not self._is_named(p))):
            path.unlink(missing_ok=True)

    def _is_named(self, bars: Path) -> bool:
        manifest = self._folder / f"{bars.name.split('.')[0]}.json"
        try:
            return bool(json.loads(manifest.read_text(encoding="utf-8"))["file"] == bars.name)
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError):
            return True  # `get` will set both aside

    def _set_aside(self, ticker: str) -> None:
        name = file_name(ticker)
        self._damaged.append(ticker)
        try:
            with self._lock, self._writer:
                (self._folder / DAMAGED).mkdir(exist_ok=True)
                for path in [self._folder / f"{name}.json", *self._folder.glob(f"{name}.*.parquet")]:
                    if path.exists():
                        path.replace(self._folder / DAMAGED / path.name)
        except OSError as error:
            self._unusable = _why(error)


def file_name(ticker: str) -> str:
    """A name for any ticker on any system: A-Z and 0-9 stay, every other byte of UTF-8 is '_' and two digits. No two tickers share one,
    not even where upper and lower case are the same; the 't' in front keeps it from being a name that Windows has taken.
    """
    name = "t" + "".join(c if c.isascii() and (c.isupper() or c.isdigit()) else "".join(f"_{b:02x}" for b in c.encode()) for c in ticker)
    return name if len(name) <= 100 else "h" + hashlib.sha256(ticker.encode()).hexdigest()


def ticker_of(name: str) -> str | None:
    """The ticker that a file name was made of; None where it was made otherwise, or too long to be one."""
    if not name.startswith("t"):
        return None
    try:
        head, *rest = name[1:].encode().split(b"_")
        return (head + b"".join(bytes.fromhex(part[:2].decode()) + part[2:] for part in rest)).decode()
    except ValueError:
        return None


def _own_name(name: str) -> str:
    """A file of this folder: a manifest that was tampered with leads nowhere else."""
    if Path(name).name != name or not name.endswith(".parquet"):
        raise ValueError(name)
    return name


def _parquet(bars: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    bars.to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _as_json(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def _seal(manifest: Mapping[str, Any]) -> str:
    """A hash over the manifest itself: a changed date is as wrong as a changed price."""
    return hashlib.sha256(_as_json({k: v for k, v in manifest.items() if k != "seal"})).hexdigest()


def _read(ticker: str, manifest: dict[str, Any], raw: bytes) -> Held:
    """Raises whatever it likes when file and manifest do not fit each other."""
    bars = pd.read_parquet(io.BytesIO(raw))
    bars.index = pd.DatetimeIndex(bars.index, name="date").as_unit("us")
    digest = hashlib.sha256(raw).hexdigest()
    wanted = (SCHEMA, ticker, digest, len(bars), _seal(manifest))
    fits = tuple(manifest[k] for k in ("schema", "ticker", "sha256", "rows", "seal")) == wanted
    if not fits or list(bars.columns) not in ([*COLUMNS], [*COLUMNS, DIVIDEND]):
        raise ValueError(ticker)
    words = {name: str(manifest[name]) for name in ("name", "kind", "currency", "source", "retrieved_at", "adjustment", "note")}
    remarks = tuple(phrase_from(r) for r in manifest["remarks"])
    return Held(bars, Series(ticker, **words, first=bars.index[0], last=bars.index[-1], sessions=len(bars), sha256=digest, remarks=remarks))


def _why(error: OSError) -> Phrase:
    """Why the folder cannot be used."""
    if isinstance(error, Timeout):
        return Phrase("prices.cache-busy")
    full = error.errno in (errno.EFBIG, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    return Phrase("prices.cache-full" if full else "prices.cache-unusable")


def fingerprint(bars: pd.DataFrame) -> str:
    """The hash of the file that these bars make."""
    return hashlib.sha256(_parquet(bars)).hexdigest()
