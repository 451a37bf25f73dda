"""House rules that no other tool checks: who imports what, who may catch all, where words live."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = (
    *("api", "bot", "cli", "db", "demo", "domain", "handlers", "market", "texts", "webhooks"),
    "worker",
)
LONGEST_MODULE = 400
LONGEST_FUNCTION = 30
EDGES = {"api/errors.py", "bot/middlewares.py", "worker/retry.py"}
OUTSIDE_OF_PURE = {"domain": {"domain", "phonenumbers", "holidays"}, "texts": {"texts"}}
NEEDS_A_CLOCK_OR_A_MACHINE = {"os", "socket", "subprocess", "time", "asyncio", "random"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FOUND_AT_RUN_TIME = {"hiredis", "tzdata"}  # by redis and zoneinfo
OPTIONAL = {"opentelemetry", "sentry_sdk"}  # requirements-extras.in
COMES_WITH_ANOTHER = {"yarl"}  # part of aiohttp's interface
EVERY_CHARACTER = "\u4e00-\u9fff"  # a range in a pattern is not a word
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")


def modules(*rooms):
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def docstrings(tree):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            yield node.body[0].value
        # A string that stands alone documents the name above it.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


@pytest.mark.parametrize("room", OUTSIDE_OF_PURE)
def test_rules_and_words_know_only_the_standard_library(room):
    allowed = OUTSIDE_OF_PURE[room] | set(sys.stdlib_module_names)
    for path, tree in modules(room):
        assert set(imported(tree)) <= allowed, path


def test_rules_have_no_clock_no_chance_and_no_machine():
    for path, tree in modules("domain"):
        assert not set(imported(tree)) & NEEDS_A_CLOCK_OR_A_MACHINE, path
        called = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
        assert not called & {"now", "utcnow", "today"}, path


def test_only_the_three_edges_catch_everything():
    caught = set()
    for path, tree in modules(*ROOMS):
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id == "Exception")
            ):
                caught.add(path.as_posix())

    assert caught <= EDGES


def test_chinese_words_live_in_texts():
    found = []
    for path, tree in modules(*(room for room in ROOMS if room != "texts")):
        said = {id(node) for node in docstrings(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.replace(EVERY_CHARACTER, "")
                if id(node) not in said and CHINESE.search(words):
                    found.append(f"{path}:{node.lineno}")

    assert found == []


def test_modules_are_short_stories_with_a_first_line():
    for path, tree in modules(*ROOMS, "sandbox"):
        assert ast.get_docstring(tree), path

    lengths = {
        str(path): (ROOT / path).read_text(encoding="utf-8").count("\n")
        for path, _ in modules(*ROOMS, "sandbox")
    }
    assert {path: n for path, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_functions_are_short():
    long = {}
    for path, tree in modules(*ROOMS, "sandbox"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node
                length = node.end_lineno - first.lineno + 1
                if length > LONGEST_FUNCTION:
                    long[f"{path}:{node.lineno} {node.name}"] = length

    assert long == {}


def required(name):
    """The distributions a requirements.in file asks for."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line[:1].isalnum())
    return {match[0].lower().replace("_", "-") for match in found}


def distributions(modules_imported):
    """Which installed distributions those modules come from."""
    installed = packages_distributions()
    names = {name for module in modules_imported for name in installed.get(module, ())}
    return {name.lower().replace("_", "-").replace(".", "-") for name in names}


def test_what_is_imported_is_required_and_what_is_required_is_imported():
    product = {name for _, tree in modules(*ROOMS, "sandbox") for name in imported(tree)}
    for path in ROOT.glob("*.py"):
        product |= set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    used = distributions(product - OPTIONAL)

    assert required("requirements.in") - used - FOUND_AT_RUN_TIME == set()
    assert used - required("requirements.in") - COMES_WITH_ANOTHER == set()


def test_extras_are_imported_in_one_place_and_only_when_they_are_wanted():
    importers = {str(path) for path, tree in modules(*ROOMS) if OPTIONAL & set(imported(tree))}
    assert importers == {"cli/telemetry.py"}
    at_start = ast.parse((ROOT / "cli/telemetry.py").read_text(encoding="utf-8")).body
    found = [imported(node) for node in at_start if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not OPTIONAL & {name for names in found for name in names}


def test_nothing_points_at_a_machine_of_ours():
    for path in [*ROOT.glob("*.*"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]:
        if path.is_file() and path.name != ".git":  # a worktree says where its home is
            assert not MACHINE_PATH.search(path.read_text(encoding="utf-8")), path
