"""How many small changes to rules and facts the tests notice: `make mutants SAMPLE=100` prints the share and survivors.

Each mutant is one changed operator, number or severity in one module of evalxl/rules or evalxl/facts. It is first held
against all cases of tests/rulebook and tests/edges at once, in one district: what each rule finds and how it says it. A
process forked for each mutant imports anew only the module that was changed and those that rest on it, and asks only
their rules, so that a module takes a minute or two. What survives is held against those of the other tests that run the
changed function. Not part of the test run. What is found is kept in .mutants.jsonl, so that a second call goes on where
the first was stopped; a module that has changed since is tried anew, a survivor whenever a test has changed.
MODULE=rules/u_units.py tries one module, MODULE=rules/b_budget/ those of a folder; --cases asks the cases alone.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from conftest import EDGES, RULEBOOK, brief, fill  # noqa: E402
from words import told  # noqa: E402

import evalxl  # noqa: E402
from evalxl.intake.read import read  # noqa: E402
from evalxl.policy import policy as policies  # noqa: E402
from evalxl.rules import RULES  # noqa: E402

T = TypeVar("T")
PACKAGE = Path(evalxl.__file__).parent
FOUND = HERE.parent / ".mutants.jsonl"
RUNS = HERE.parent / ".mutants-runs.json"
OTHER_TESTS = (
    "test_boundaries.py", "test_grade.py", "test_scoring.py", "test_sampling.py", "test_statements.py", "test_standards.py", "test_masking.py",
    "test_publication.py", "test_narrative.py", "test_years.py", "test_district.py", "test_own_rules.py", "test_policy.py",
    "test_policies.py", "test_bureau.py", "test_review.py", "test_merge.py", "test_patterns.py", "test_read.py",
    "test_summary_beside.py", "test_recheck_form.py", "test_run.py", "test_samples.py", "test_honest.py",
)  # fmt: skip
SLOW_NAMES = "not dies and not command"  # what says nothing of rules and takes long
MOST_TESTS = 60
_COMPARISONS = {
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_SEVERITIES = {"ERROR": "WARNING", "WARNING": "INFO", "INFO": "WARNING"}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Every mutant of a module: what was changed, and the whole changed source."""
    tree = ast.parse(source)
    silent = {id(each) for node in ast.walk(tree) for each in _no_input_tells(node)}
    for node in [each for each in ast.walk(tree) if id(each) not in silent]:
        for change in _changes(node):
            sound = dict(vars(node))
            words = change(node)
            yield f"line {getattr(node, 'lineno', 0)}: {words}", ast.unparse(tree)
            vars(node).update(sound)


def _no_input_tells(node: ast.AST) -> Iterator[ast.expr]:
    """The numbers of a module that change nothing that is found: the size of a cache, the last of many decimals."""
    if isinstance(node, ast.keyword) and node.arg == "maxsize":
        yield node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round":
        digits = (each for each in node.args[1:] if isinstance(each, ast.Constant))
        yield from (each for each in digits if isinstance(each.value, int) and each.value >= 6)


def _changes(node: ast.AST) -> Iterator[Any]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        yield _swap_comparison
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS and not _is_type(node):
        yield _swap_operator
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield _drop_not
    elif isinstance(node, ast.BoolOp):
        yield _swap_bool
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield _add_one
    elif isinstance(node, ast.Name) and node.id in _SEVERITIES and isinstance(node.ctx, ast.Load):
        yield _other_severity


def _is_type(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.BitOr) and any(
        isinstance(side, ast.Constant) and side.value is None for side in (node.left, node.right)
    )


def _swap_comparison(node: ast.Compare) -> str:
    old = type(node.ops[0])
    node.ops = [_COMPARISONS[old](), *node.ops[1:]]
    return f"{old.__name__} -> {_COMPARISONS[old].__name__}"


def _swap_operator(node: ast.BinOp) -> str:
    old = type(node.op)
    node.op = _OPERATORS[old]()
    return f"{old.__name__} -> {_OPERATORS[old].__name__}"


def _drop_not(node: ast.UnaryOp) -> str:
    node.op = ast.UAdd() if isinstance(node.op, ast.Invert) else ast.Not()
    if isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    return "negation dropped"


def _swap_bool(node: ast.BoolOp) -> str:
    old = type(node.op)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return f"{old.__name__} swapped"


def _add_one(node: ast.Constant) -> str:
    old = node.value
    assert isinstance(old, int | float)
    node.value = old + 1
    return f"{old} -> {old + 1}"


def _other_severity(node: ast.Name) -> str:
    old = node.id
    node.id = _SEVERITIES[old]
    return f"{old} -> {node.id}"


class Cases:
    """All cases of the rulebook as one district, one workbook each, and what must be found in it."""

    def __init__(self, folder: Path) -> None:
        self.policy = policies.load()
        kinds = [*((rule, cases) for rule, kinds in RULEBOOK.items() for cases in kinds.values()), *EDGES.items()]
        edits = [(rule, case["edit"]) for rule, cases in kinds for case in cases]
        sources = [
            (name, self._file(folder, name, edit))
            for number, (rule, edit) in enumerate(edits)
            for name in [f"{rule}-{number}.xlsx"]
        ]
        self.district = read(sources, self.policy)
        self.severities = {rule.id: rule.severity.value for rule in RULES.values()}
        self.parts = list(self.district.split())
        self.expected = dict(self._found())  # what follows from the tables is known from now on, and kept by forks

    def _file(self, folder: Path, name: str, edit: dict[str, object]) -> Path:
        return fill(folder / name, edit)

    def noticed(self, name: str, source: str) -> bool:
        """Whether the cases notice a mutant; in a process of its own, for a mutant may do anything."""
        child = os.fork()
        if child == 0:
            os._exit(0 if self._holds(name, source) else 1)
        _, status = os.waitpid(child, 0)
        return status != 0

    def _holds(self, name: str, source: str) -> bool:
        try:
            with open(os.devnull, "w") as nothing:
                os.dup2(nothing.fileno(), 1)
                os.dup2(nothing.fileno(), 2)
            signal.alarm(300)  # one that never ends is noticed too
            anew = _load(name, source)
            rules = sys.modules["evalxl.rules"].RULES.values()
            if any(rule.severity.value != self.severities[rule.id] for rule in rules):
                return False  # the handbook, which tests/test_docs.py compares, would say otherwise
            own = {rule.id for rule in rules if rule.breaks.__module__ == name}
            resting = {rule.id for rule in rules if rule.breaks.__module__ in anew} - own
            return all(self._agree(only) for only in (own, resting) if only)
        except BaseException:
            return False

    def _agree(self, only: set[str]) -> bool:
        """Whether some rules find in the cases just what they should, in the same words."""
        check = sys.modules["evalxl.rules.engine"]
        others = {rule: check.RULES.pop(rule) for rule in list(check.RULES) if rule not in only}
        agreed = all(
            found == [each for each in self.expected[at] if each[1][:3] in only] for at, found in self._found()
        )
        check.RULES.update(others)
        return agreed

    def _found(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """What the rules find: those of workbooks in all cases at once, those of districts in each case by itself."""
        check, scope = importlib.import_module("evalxl.rules.engine"), sys.modules["evalxl.rules"].Scope
        kinds = {rule.scope for rule in check.RULES.values()}
        asked = [("", self.district, scope.WORKBOOK)] if scope.WORKBOOK in kinds else []
        if scope.DISTRICT in kinds:  # held against their own cases alone, for each costs as much as all others together
            asked += [(name, part, scope.DISTRICT) for name, part in self.parts if name[:3] in check.RULES]
        for name, district, kind in asked:
            found = check.check(district, self.policy, kind).findings
            yield name, sorted((each.workbook, *brief([each]), told(each)) for each in found)


def _load(name: str, source: str) -> list[str]:
    """Import a mutated module, and anew every module of rules and facts that rests on it; which these are."""
    sys.meta_path.insert(0, _Mutated(name, source))
    if name in _UNDER_ALL:
        for module in [each for each in sys.modules if each.startswith(("evalxl.rules", "evalxl.facts"))]:
            del sys.modules[module]
        importlib.import_module("evalxl.rules.engine")
        return list(_IMPORTS)
    anew = [name, *_resting_on(name)]
    for rule in [rule.id for rule in RULES.values() if rule.breaks.__module__ in anew]:
        del RULES[rule]
    for module in anew:
        del sys.modules[module]
    for module in anew:
        importlib.import_module(module)
    return anew


def _resting_on(name: str) -> list[str]:
    """The modules that import a module, themselves or through others, each after those that it imports itself."""
    found: list[str] = []
    waiting = {each: imports for each, imports in _IMPORTS.items() if each != name}
    while ready := [each for each, imports in waiting.items() if imports & {name, *found}]:
        found += ready
        for each in ready:
            del waiting[each]
    ordered: list[str] = []
    while len(ordered) < len(found):
        left = set(found) - set(ordered)
        ordered += [each for each in found if each in left and not _IMPORTS[each] & (left - {each})]
    return ordered


def _imports() -> dict[str, set[str]]:
    """What each module of rules and facts imports of the others; the packages' own faces are no modules here."""
    names = {_name(path): path for room in ("facts", "rules") for path in sorted((PACKAGE / room).rglob("*.py"))}
    names = {name: path for name, path in names.items() if not name.endswith("__init__")}
    found = {}
    for name, path in names.items():
        lines = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        imported = {f"{node.module}.{each.name}" for node in lines for each in node.names}
        found[name] = (imported | {str(node.module) for node in lines}) & set(names)
    return found


def _name(path: Path) -> str:
    return "evalxl." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


_IMPORTS = _imports()
_UNDER_ALL = {"evalxl.rules.rule", "evalxl.rules.engine", "evalxl.rules.own"}  # the whole rulebook is imported anew


class _Mutated:
    """Imports one module from changed source."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(self, name: str, *_: object) -> Any:
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, origin="mutant") if name == self.name else None  # type: ignore[arg-type]

    def create_module(self, _: object) -> None:
        return None

    def exec_module(self, module: Any) -> None:
        exec(compile(self.source, "mutant", "exec"), module.__dict__)


class Others:
    """The other tests that concern rules, and which functions of rules and facts each of them runs.

    What a test file runs is found out once, by tracing its calls, and kept until the file changes. A mutant is held only
    against the tests that run its function, those that run the fewest functions first.
    """

    def __init__(self) -> None:
        kept = json.loads(RUNS.read_text(encoding="utf-8")) if RUNS.exists() else {}
        self.runs: dict[str, set[str]] = {}
        for name in OTHER_TESTS:
            digest = _digest((HERE / name).read_bytes())
            if kept.get(name, {}).get("digest") != digest:
                kept[name] = {"digest": digest, "runs": _in_a_fork(partial(_traced, name)) or {}}
                RUNS.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
            self.runs |= {test: set(functions) for test, functions in kept[name]["runs"].items()}

    def noticed(self, path: Path, line: int, source: str) -> bool:
        """Whether one of the tests that run the function fails; at most so many are asked."""
        place, function = path.relative_to(PACKAGE).as_posix(), _function_at(path, line)
        asked = [
            test for test, functions in self.runs.items()
            if any(each == f"{place} {function}" or (not function and each.startswith(f"{place} ")) for each in functions)
        ]  # fmt: skip
        asked.sort(key=lambda test: len(self.runs[test]))
        return bool(asked) and _in_a_fork(lambda: _fails(_name(path), source, asked[:MOST_TESTS])) is not False


def _in_a_fork(act: Callable[[], T]) -> T | None:
    """What an act gives in a process of its own, as JSON brings it back; None where the process died."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer"
        child = os.fork()
        if child == 0:
            try:
                with open(os.devnull, "w") as nothing:
                    os.dup2(nothing.fileno(), 1)
                    os.dup2(nothing.fileno(), 2)
                signal.alarm(1200)
                answer.write_text(json.dumps(act()), encoding="utf-8")
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        text = answer.read_text(encoding="utf-8") if answer.exists() else ""
        return json.loads(text) if text else None


def _fails(name: str, source: str, tests: list[str]) -> bool:
    """Whether one of some tests fails with a mutant; every module is imported anew by it."""
    for module in [each for each in sys.modules if each.startswith("evalxl") or each in ("conftest", "addresses")]:
        del sys.modules[module]
    sys.meta_path.insert(0, _Mutated(name, source))
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]) != 0


def _traced(name: str) -> dict[str, list[str]]:
    """The functions of rules and facts that each test of a file runs."""
    tracer = _Tracer()
    pytest.main(["-q", "-p", "no:cacheprovider", str(HERE / name), "-k", SLOW_NAMES], plugins=[tracer])
    return {test: sorted(functions | tracer.shared) for test, functions in tracer.runs.items()}


class _Tracer:
    """A plugin of pytest that notes the calls of each test; what a shared fixture calls is noted for all tests."""

    def __init__(self) -> None:
        self.runs: dict[str, set[str]] = {}
        self.shared: set[str] = set()
        self.now: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.now = self.runs[f"{HERE / item.nodeid.removeprefix('tests/')}"] = set()
        for module in [each for name, each in sys.modules.items() if name.startswith("evalxl.")]:
            for function in vars(module).values():
                if hasattr(function, "cache_clear"):  # or only the first test that asks would seem to run it
                    function.cache_clear()
        sys.settrace(self._note)
        try:
            return (yield)
        finally:
            sys.settrace(None)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        own, self.now = self.now, self.now if fixturedef.scope == "function" else self.shared
        try:
            return (yield)
        finally:
            self.now = own

    def _note(self, frame: FrameType, *_: object) -> None:
        file = frame.f_code.co_filename
        if file.startswith(_TRACED):
            name = frame.f_code.co_qualname.partition(".<locals>")[0]
            self.now.add(f"{Path(file).relative_to(PACKAGE).as_posix()} {name}")


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


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _known(tests: str) -> dict[str, bool]:
    """What earlier calls have found, by mutant; one that survived is tried again once any test has changed."""
    lines = FOUND.read_text(encoding="utf-8").splitlines() if FOUND.exists() else []
    found = [each for each in map(json.loads, lines) if each["noticed"] or each.get("tests") == tests]
    return {each["mutant"]: each["noticed"] for each in found}


def _all(module: str) -> list[tuple[Path, str, str, str]]:
    """Every mutant of the modules: where, what, the changed source, and the name it is known by."""
    found = []
    for folder in ("rules", "facts"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            place = path.relative_to(PACKAGE).as_posix()
            if path.stem in ("__init__", "catalogue") or not place.startswith(module):
                continue
            source = path.read_text(encoding="utf-8")
            for number, (words, changed) in enumerate(mutants(source)):
                found.append((path, words, changed, f"{place} {_digest(source.encode())} {number} {words}"))
    return found


def main(sample: int, module: str, *, cases_alone: bool) -> None:
    """Try the mutants (a sample drawn by lot, or all with 0) and print the share noticed, module by module."""
    drawn = _all(module)
    total = len(drawn)
    if sample:
        drawn = random.Random(1).sample(drawn, min(sample, total))
    tests = _digest(b"".join(each.read_bytes() for each in sorted(HERE.rglob("*.*ml")) + sorted(HERE.glob("*.py"))))
    known = _known(tests)
    _try([each for each in drawn if each[3] not in known], known, tests, cases_alone=cases_alone)
    shares: dict[str, list[bool]] = {}
    for path, words, _, key in drawn:
        if not known.get(key):
            print(f"survived: {path.relative_to(PACKAGE)} {words}")
        shares.setdefault(path.relative_to(PACKAGE).as_posix(), []).append(known.get(key, False))
    for place, noticed in sorted(shares.items()):
        print(f"{place}: {sum(noticed)} of {len(noticed)}")
    killed = sum(known.get(key, False) for *_, key in drawn)
    print(f"{killed} of {len(drawn)} mutants noticed ({killed / max(len(drawn), 1):.1%}); there are {total} in all")


def _try(drawn: list[tuple[Path, str, str, str]], known: dict[str, bool], tests: str, *, cases_alone: bool) -> None:
    """Hold mutants first against the cases, all of them, then what survived against the other tests."""
    with tempfile.TemporaryDirectory() as folder, FOUND.open("a", encoding="utf-8") as log:

        def tell(key: str, *, noticed: bool) -> None:
            known[key] = noticed
            log.write(json.dumps({"mutant": key, "noticed": noticed, "tests": tests}, ensure_ascii=False) + "\n")
            log.flush()

        if not drawn:
            return
        cases = Cases(Path(folder))
        for path in dict.fromkeys(path for path, *_ in drawn):
            if cases.noticed(_name(path), path.read_text(encoding="utf-8")):
                raise SystemExit(f"{path}: the cases do not hold without any change")
            for _, _, source, key in [each for each in drawn if each[0] == path]:
                if cases.noticed(_name(path), source):
                    tell(key, noticed=True)
        left = [each for each in drawn if each[3] not in known]
        print(f"{len(drawn) - len(left)} of {len(drawn)} noticed by the rulebook's cases", flush=True)
        if cases_alone or not left:
            return
        others = Others()
        for path, words, source, key in left:
            line = int(words.removeprefix("line ").partition(":")[0])
            tell(key, noticed=others.noticed(path, line, source))


if __name__ == "__main__":
    asked = [each for each in sys.argv[1:] if each]
    sample_, module_ = (next(filter(fits, asked), "") for fits in (str.isdigit, lambda each: "/" in each))
    main(int(sample_ or 0), module_, cases_alone="--cases" in asked)
