"""The other tests that a mutant is held against which the rulebook's cases do not notice (``mutation.py``)."""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import starmap
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, TypeVar

import pytest
from _pytest.runner import runtestprotocol

import evalxl

T = TypeVar("T")
HERE = Path(__file__).parent
PACKAGE = Path(evalxl.__file__).parent
RUNS = HERE.parent / ".mutants-runs.json"
OTHER_TESTS = (
    "test_boundaries.py", "test_grade.py", "test_scoring.py", "test_sampling.py", "test_statements.py", "test_standards.py", "test_masking.py",
    "test_publication.py", "test_narrative.py", "test_years.py", "test_district.py", "test_own_rules.py", "test_policy.py",
    "test_policies.py", "test_bureau.py", "test_review.py", "test_merge.py", "test_patterns.py", "test_read.py",
    "test_summary_beside.py", "test_recheck_form.py", "test_run.py", "test_samples.py", "test_honest.py", "test_rules.py",
    "test_readings.py", "test_answers.py", "test_engine.py", "test_copies.py", "test_claims.py", "test_magnitudes.py", "test_rows.py", "test_accused.py", "test_accused_rows.py", "test_lacking.py",
)  # fmt: skip
SLOW_NAMES = (  # what says nothing of rules and takes long, the rulebook's cases and the sentences
    "not dies and not command and not exactly_these_findings and not stays_silent and not just_above"
    " and not honest_sentence and not contradiction_is_told"
)
MOST_TESTS = 60


class Mutated:
    """Imports one module from changed code."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(self, name: str, *_: object) -> Any:
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, origin="mutant") if name == self.name else None  # type: ignore[arg-type]

    def create_module(self, _: object) -> None:
        return None

    def exec_module(self, module: Any) -> None:
        exec(self.code, module.__dict__)


class Others:
    """The other tests that concern rules, as a plugin of pytest, and which functions of rules and facts each of them runs.

    They are collected once; whatever runs them is forked. What the tests of a file run is found out by tracing them, and
    kept until the file changes; a test that fails without any change is left out. A mutant is held only against tests
    that run its line, or, of what no line is told, its function: first those of files that name its module or one of its
    rules, for every run of a district runs all rules; of them those that run the fewest functions first.
    """

    def __init__(self, act: Callable[[Others], None]) -> None:
        self.act = act  # what is done once the tests are collected
        self.items: dict[str, pytest.Item] = {}
        self.runs: dict[str, set[str]] = {}
        self.lines: dict[str, list[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise SystemExit("the other tests cannot be collected")
        for item in session.items:
            self.items[item.nodeid] = item
        self._trace()
        self.act(self)
        return True

    def _trace(self) -> None:
        kept = json.loads(RUNS.read_text(encoding="utf-8")) if RUNS.exists() else {}
        for name in OTHER_TESTS:
            content = digest((HERE / name).read_bytes())
            if kept.get(name, {}).get("digest") != content:
                items = [item for item in self.items.values() if item.path.name == name]
                runs, lines = _in_a_fork(partial(_Tracer().trace, items)) or ({}, {})
                kept[name] = {"digest": content, "runs": runs, "lines": lines}
                RUNS.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
            self.runs |= {test: set(functions) for test, functions in kept[name]["runs"].items()}
            for line, tests in kept[name]["lines"].items():
                self.lines.setdefault(line, []).extend(tests)

    def noticed(self, path: Path, line: int, code: CodeType) -> bool:
        """Whether one of the tests that run the function fails; at most so many are asked."""
        place, function = path.relative_to(PACKAGE).as_posix(), _function_at(path, line)
        asked = [test for test in self.lines.get(f"{place}:{line}", []) if test in self.items] or [
            test for test, functions in self.runs.items() if test in self.items
            and any(each == f"{place} {function}" or (not function and each.startswith(f"{place} ")) for each in functions)
        ]  # fmt: skip
        named = _naming(path)
        asked = sorted(asked, key=lambda test: (self.items[test].path not in named, len(self.runs[test])))[:MOST_TESTS]
        return bool(asked) and _in_a_fork(lambda: self._fails(path, code, asked)) is not False

    def _fails(self, path: Path, code: CodeType, tests: list[str]) -> bool:
        """Whether one of some tests fails with a mutant."""
        if _swapped(path, code):
            return not all(starmap(_passes, _in_turn([self.items[test] for test in tests])))
        # What is done at import is done anew, with all that rests on it and the tests themselves.
        for module in [each for each in sys.modules if each.startswith(("evalxl", "test_")) or each in _OF_TESTS]:
            del sys.modules[module]
        sys.meta_path.insert(0, Mutated(module_name(path), code))
        with tempfile.TemporaryDirectory() as folder:
            again = [*QUIETLY, "-x", f"--basetemp={folder}/again", *(str(HERE.parent / test) for test in tests)]
            return pytest.main(again) != 0


QUIETLY = ("-q", "-p", "no:cacheprovider", "-W", "ignore:Module already imported")
_OF_TESTS = {path.stem for path in HERE.glob("*.py")}


def _swapped(path: Path, code: CodeType) -> bool:
    """Give the functions of a loaded module the code of a mutant; False where none of them differs in it."""
    sound = compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
    changed = {old: new for old, new in zip(_codes(sound), _codes(code), strict=True) if old != new}
    functions = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    functions = [each for each in functions if each.__code__.co_filename == str(path) and each.__code__ in changed]
    for function in functions:
        function.__code__ = changed[function.__code__]
    _forget()
    return bool(functions)


def _codes(code: CodeType) -> list[CodeType]:
    return [code, *(each for const in code.co_consts if isinstance(const, CodeType) for each in _codes(const))]


def _forget() -> None:
    """Clear every cache that rules or facts fill, or only the first test that asks would seem to run a function."""
    for module in [each for name, each in sys.modules.items() if name.startswith("evalxl.")]:
        if module.__name__.split(".")[1] not in _ABOVE:
            for function in vars(module).values():
                if hasattr(function, "cache_clear"):
                    function.cache_clear()


_ABOVE = {"values", "layout", "policy", "district"}  # rooms that know nothing of facts and rules


def _passes(item: pytest.Item, after: pytest.Item | None) -> bool:
    """Whether a test passes; what it shares with the one after it is kept."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=after))


def _in_turn(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Each test with the one after it."""
    return zip(items, [*items[1:], None], strict=True)


def _in_a_fork(act: Callable[[], T]) -> T | None:
    """What an act gives in a process of its own, as JSON brings it back; None where the process was killed."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer"
        child = os.fork()
        if child == 0:
            try:
                with Path(os.devnull).open("w") as nothing:
                    os.dup2(nothing.fileno(), 1)
                    os.dup2(nothing.fileno(), 2)
                signal.alarm(1200)  # one that never ends is noticed too
                answer.write_text(json.dumps(act()), encoding="utf-8")
                os._exit(0)
            except BaseException:
                answer.write_text(traceback.format_exc(), encoding="utf-8")
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if (
            os.waitstatus_to_exitcode(status) > 0
        ):  # no test fails so: the tool is at fault, and nothing must count as noticed
            raise RuntimeError(answer.read_text(encoding="utf-8"))
        return json.loads(answer.read_text(encoding="utf-8")) if status == 0 else None


class _Tracer:
    """Notes the functions and lines of rules and facts that each test runs.

    What a shared fixture calls is noted for all of a file.
    """

    def __init__(self) -> None:
        self.shared: set[str] = set()
        self.now: set[str] = set()

    def trace(self, items: list[pytest.Item]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        runs = {}
        for item, after in _in_turn(items):
            item.config.pluginmanager.register(self)
            own: set[str] = set()
            self.now = own
            _forget()
            sys.settrace(self._note)
            passes = _passes(item, after)
            sys.settrace(None)
            item.config.pluginmanager.unregister(self)
            if passes:
                runs[item.nodeid] = own
        lines: dict[str, list[str]] = {}
        for test, noted in sorted(runs.items(), key=lambda run: len(run[1])):
            for line in sorted(each for each in noted | self.shared if " " not in each):
                known = lines.setdefault(line, [])
                known.extend([test] * (len(known) < MOST_TESTS))
        return {
            test: sorted(each for each in noted | self.shared if " " in each) for test, noted in runs.items()
        }, lines

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        own, self.now = self.now, self.now if fixturedef.scope == "function" else self.shared
        try:
            return (yield)
        finally:
            self.now = own

    def _note(self, frame: FrameType, *_: object) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_TRACED):
            return None
        place = Path(file).relative_to(PACKAGE).as_posix()
        self.now.add(f"{place} {frame.f_code.co_qualname.partition('.<locals>')[0]}")

        def note_line(frame: FrameType, *_: object) -> Any:
            self.now.add(f"{place}:{frame.f_lineno}")
            return note_line

        return note_line


_TRACED = (f"{PACKAGE / 'rules'}{os.sep}", f"{PACKAGE / 'facts'}{os.sep}")


def _function_at(path: Path, line: int) -> str:
    """The function or method that a line stands in, decorators too; '' for what is done at import."""

    def within(body: list[ast.stmt], prefix: str) -> str:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                if first <= line <= (node.end_lineno or 0):
                    return within(node.body, f"{node.name}.") if isinstance(node, ast.ClassDef) else prefix + node.name
        return ""

    return within(ast.parse(path.read_text(encoding="utf-8")).body, "")


def _naming(path: Path) -> set[Path]:
    """The files of tests that name a module, or a rule that stands in it."""
    rules = re.findall(r'^@rule\(\s*"([A-Z]\d\d)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    names = re.compile("|".join([re.escape(module_name(path)), *(rf"\b{each}\b" for each in rules)]))
    tests = (HERE / name for name in OTHER_TESTS)
    return {test for test in tests if names.search(test.read_text(encoding="utf-8"))}


def module_name(path: Path) -> str:
    return "evalxl." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
