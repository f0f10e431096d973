"""The house rules, read from the source: who may import whom, who owns which vendor, what a page may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "aftershock"
FILES = sorted(PACKAGE.rglob("*.py"))
SHELL = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]

# A module may import only from rows above its own; modules of one row do not know each other. A folder is one entry.
ROWS = (
    ("text",),
    ("errors", "methods"),
    ("events", "returns", "tickers"),
    ("event_captions", "models", "reference", "sessions", "views"),
    ("prices", "significance", "dollars", "own"),
    ("calibration", "vintage", "store", "forms"),
    ("study",),
    ("panel",),
    ("claims", "timeline", "userdata", "verdict"),
    ("captions", "claim_evidence", "compare", "impact", "articles"),
    ("claim_views", "findings", "impact_views", "event_views", "import_views", "vintage_captions"),
    ("compare_views",),
    ("compare_findings",),
    ("charts", "impact_captions", "impact_rows"),
    ("exports",),
    ("workspace",),
    ("exhibits",),
    ("claim_exhibits", "compare_exhibits", "report"),
    ("ui",),
    ("serving",),
    ("cli",),
    ("__main__",),
)
HEIGHT = {name: height for height, row in enumerate(ROWS) for name in row}

# vendor -> where it may be imported
OWNERS = {
    "streamlit": {"ui", "serving", "app", "pages"},
    "starlette": {"serving"},
    "uvicorn": {"serving"},
    "plotly": {"charts"},
    "altair": {"charts"},
    "vl_convert": {"exports", "charts/fonts"},
    "yfinance": {"prices/worker"},
    "curl_cffi": {"prices/worker"},
    "requests": set(),
    "filelock": {"prices/cache", "cli/growing"},
    "platformdirs": {"prices/live", "store"},
    "exchange_calendars": {"sessions"},
    "babel": {"text"},
    "xlsxwriter": {"exports"},
    "PIL": {"charts/fonts"},
    "fontpkg_be_vietnam_pro": {"charts/fonts"},
    "pyarrow": {"ui", "userdata/prices"},
    "jinja2": {"report/page"},
    "typst": {"report/typeset"},
    "trafilatura": {"articles"},
    "lxml": {"articles"},
    "dateparser": {"articles"},
    "icalendar": {"userdata/ics"},
    "tomli_w": {"userdata/files"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
}


def place(file: Path) -> str:
    """'charts/timeline/lines' for a file of the package; 'app', 'pages/timeline' for the shell."""
    found = file.relative_to(PACKAGE if PACKAGE in file.parents else ROOT).with_suffix("").as_posix()
    return found.removesuffix("/__init__")


def imports(file: Path) -> set[str]:
    """Every module that a file imports anywhere in it, dotted, `from a import b` as both a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_every_module_has_its_row() -> None:
    """A new module must take its place in the table, and the table names no module that is gone."""
    modules = {place(f).split("/")[0] for f in FILES} - {"__init__"}
    assert modules - HEIGHT.keys() == set()
    assert HEIGHT.keys() - modules == set()


@pytest.mark.parametrize("file", FILES, ids=place)
def test_imports_point_upwards(file: Path) -> None:
    """A module imports from rows above its own only, or from its own folder."""
    own = place(file).split("/")[0]
    for name in imports(file):
        parts = name.split(".")
        if parts[0] != "aftershock" or len(parts) < 2 or parts[1] == own or parts[1] not in HEIGHT:
            continue
        assert HEIGHT[parts[1]] < HEIGHT.get(own, -1), f"{place(file)} imports {name}"


def test_nothing_imports_the_shell() -> None:
    """app.py and the pages are the last row: nobody imports them; they import the library's upper floor."""
    for file in FILES:
        assert not {name.split(".")[0] for name in imports(file)} & {"app", "pages", "tests", "benchmarks"}, place(file)


@pytest.mark.parametrize("vendor", list(OWNERS))
def test_a_vendor_has_one_owner(vendor: str) -> None:
    """Each vendor is imported where it belongs and nowhere else, so that it can be replaced in one place."""
    used = {place(f) for f in [*FILES, *SHELL] if vendor in {name.split(".")[0] for name in imports(f)}}
    strangers = {u for u in used if not any(u == owner or u.startswith(f"{owner}/") for owner in OWNERS[vendor])}
    assert strangers == set()


def test_importing_the_library_loads_no_vendor() -> None:
    """`import aftershock` is cheap: no vendor and no pandas; the core without the shell loads neither Streamlit nor Plotly."""
    heavy = sorted({*OWNERS, "pandas", "numpy"})
    code = (
        "import sys, aftershock\n"
        f"print(sorted(set({heavy!r}) & set(sys.modules)))\n"
        "import aftershock.exhibits, aftershock.cli\n"
        "print(sorted({'streamlit', 'plotly', 'altair', 'yfinance', 'requests'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.splitlines() == ["[]", "[]"]


# -- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", SHELL, ids=place)
def test_a_page_holds_no_logic(file: Path) -> None:
    """No function, class, arithmetic, pandas or literal HTML in a page; it begins with its question."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    forbidden = (
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Lambda,
        ast.For,
        ast.While,
        ast.BinOp,
        ast.AugAssign,
        ast.comprehension,
    )
    assert [type(n).__name__ for n in ast.walk(tree) if isinstance(n, forbidden)] == []
    assert not {name.split(".")[0] for name in imports(file)} & {"pandas", "numpy", "scipy"}
    assert ast.get_docstring(tree)
    if file.parent.name == "pages":
        assert "?" in str(ast.get_docstring(tree)), "a page is a question"


def test_the_entry_point_is_short() -> None:
    """app.py has at most sixty lines, a page at most 150."""
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 60
    for file in SHELL[1:]:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 150, place(file)


# -- every module ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=place)
def test_a_module_is_short_and_explained(file: Path) -> None:
    """At most 500 lines; the module, its public classes, functions and methods each have a docstring."""
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 500
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    scopes: list[ast.Module | ast.ClassDef] = [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_"))]
    public = [n for s in scopes for n in s.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
    assert [n.name for n in public if not ast.get_docstring(n)] == []


@pytest.mark.parametrize("file", [*FILES, *SHELL], ids=place)
def test_no_data_is_written_as_html(file: Path) -> None:
    """No unsafe HTML, no component, no eval: what comes from data goes through text and Markdown escapes."""
    text = file.read_text(encoding="utf-8")
    assert "unsafe_allow_html" not in text
    assert "st.components" not in text
    assert "streamlit.components" not in text
    tree = ast.parse(text)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert [n.func.id for n in calls if isinstance(n.func, ast.Name) and n.func.id in ("eval", "exec", "compile", "__import__")] == []
    for call in calls:
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in ("html", "iframe")
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "st"
        ):
            assert all(isinstance(a, ast.Name | ast.Constant) for a in call.args), "only a constant may be HTML"


@pytest.mark.parametrize("file", sorted((PACKAGE / "ui").glob("*.py")), ids=place)
def test_what_streamlit_calls_is_safe(file: Path) -> None:
    """A callback and a fragment run outside of the page: each is wrapped, so that a fault of ours is a sentence with an id there too."""
    for call in (n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)):
        called = [k.value for k in call.keywords if k.arg in ("on_click", "on_change", "on_select")]
        called += call.args[:1] if ast.unparse(call.func) == "st.fragment" else []
        assert [ast.unparse(c) for c in called if not isinstance(c, ast.Constant) and not ast.unparse(c).startswith("safe(")] == []


@pytest.mark.parametrize("file", FILES, ids=place)
def test_nothing_missing_is_filled(file: Path) -> None:
    """No forward filling and no zero filling of figures anywhere in the library."""
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\.(?:ffill|interpolate|fillna)\(|fill_method=\"", text) == []


@pytest.mark.parametrize("file", sorted((ROOT / "tests").glob("test_*.py")), ids=lambda f: f.stem)
def test_every_test_states_its_behaviour(file: Path) -> None:
    """Each test has a docstring that begins with a sentence."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tests = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    assert tests
    assert [n.name for n in tests if not re.search(r"[.:?!]", ast.get_docstring(n) or "")] == []
    assert len({n.name for n in tests}) == len(tests), "two tests of one name: the first never runs"
