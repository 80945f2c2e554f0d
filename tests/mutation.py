"""How many small changes to rules and facts the tests notice: `make mutants SAMPLE=100` prints the share and survivors.

Each mutant is one changed operator, number or severity in one module of evalxl/rules or evalxl/facts. It is first held
against all cases of tests/rulebook at once, in one district (seconds); whatever survives that is held against the other
tests that concern rules, in a copy of the project. Not part of the test run: all mutants take hours, a drawn sample
minutes. What is found is kept in .mutants.jsonl, so that a second call goes on where the first was stopped; a module
that has changed since is tried anew. MODULE=rules/u_units.py tries one module.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from addresses import finding_by_letters  # noqa: E402
from conftest import RULEBOOK, brief, fill  # noqa: E402

import evalxl  # noqa: E402
from evalxl.intake.read import read  # noqa: E402
from evalxl.policy import policy as policies  # noqa: E402
from evalxl.rules import RULES, Scope  # noqa: E402

PACKAGE = Path(evalxl.__file__).parent
FOUND = HERE.parent / ".mutants.jsonl"
SLOW_TESTS = (
    "test_district.py", "test_narrative.py", "test_bureau.py", "test_years.py", "test_review.py", "test_read.py",
    "test_policy.py", "test_samples.py", "test_grade.py", "test_run.py", "test_honest.py", "test_statements.py",
    "test_scoring.py", "test_standards.py", "test_merge.py", "test_summary_beside.py",
)  # fmt: skip
# Where the rules of a module are tested that need more than one workbook; asked before the others, for it is quicker.
NEAR_TESTS = {
    "copies": ("test_narrative.py",), "names": ("test_narrative.py",), "sketches": ("test_narrative.py",),
    "district": ("test_district.py",), "x_years": ("test_years.py",), "last_year": ("test_years.py",),
    "roster": ("test_bureau.py", "test_review.py"), "attendance": ("test_bureau.py", "test_summary_beside.py"),
    "workbooks": ("test_read.py", "test_run.py"), "grade": ("test_grade.py",), "scoring": ("test_scoring.py",),
    "sampling": ("test_sampling.py",), "prevalence": ("test_policy.py",), "submissions": ("test_run.py",),
}  # fmt: skip
SLOW_NAMES = "not dies and not command"  # what says nothing of rules and takes long
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
    for position, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            mutated = copy.deepcopy(tree)
            target = list(ast.walk(mutated))[position]
            words = change(target)
            yield f"line {getattr(node, 'lineno', 0)}: {words}", ast.unparse(mutated)


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
    node.ops[0] = _COMPARISONS[old]()
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
        self.expected: dict[str, list[str]] = {}
        sources = []
        for rule, kinds in RULEBOOK.items():
            for kind, cases in kinds.items():
                for number, case in enumerate(cases):
                    name = f"{rule}-{kind}-{number}.xlsx"
                    sources.append((name, fill(folder / name, case["edit"])))
                    self.expected[name] = [finding_by_letters(each) for each in case.get("expect", [])]
        self.district = read(sources, self.policy)

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
            check = self._load(name, source)
            own = {rule.id for rule in check.RULES.values() if rule.breaks.__module__ == name}
            return all(self._agree(check, only) for only in (own, set(check.RULES)) if only)
        except BaseException:
            return False

    def _load(self, name: str, source: str) -> Any:
        import importlib

        for module in [each for each in sys.modules if each.startswith(("evalxl.rules", "evalxl.facts"))]:
            del sys.modules[module]
        finder = _Mutated(name, source)
        sys.meta_path.insert(0, finder)
        return importlib.import_module("evalxl.rules.engine")

    def _agree(self, check: Any, only: set[str]) -> bool:
        """Whether some rules find in the cases just what they should; those of the mutated module are asked first."""
        self.district._answers.clear()
        others = {rule: check.RULES.pop(rule) for rule in list(check.RULES) if rule not in only}
        found: dict[str, list[str]] = {}
        for finding in check.check(self.district, self.policy).findings:
            found.setdefault(finding.workbook, []).append(*brief([finding]))
        check.RULES.update(others)
        wanted = {book: _of_workbooks(expected, only) for book, expected in self.expected.items()}
        return all(_of_workbooks(found.get(book, []), only) == expected for book, expected in wanted.items())


_DISTRICT_SCOPE = {rule.id for rule in RULES.values() if rule.scope is not Scope.WORKBOOK}


def _of_workbooks(found: list[str], only: set[str]) -> list[str]:
    return sorted(each for each in found if each[:3] in only - _DISTRICT_SCOPE)


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


def survives_slow_tests(path: Path, source: str) -> bool:
    """Whether the other tests that concern rules notice nothing either."""
    project = HERE.parent
    with tempfile.TemporaryDirectory() as folder:
        copy_ = Path(folder) / "project"
        shutil.copytree(project, copy_, ignore=shutil.ignore_patterns(".git", ".venv", "demo-output", ".*_cache"))
        (copy_ / path.relative_to(project)).write_text(source, encoding="utf-8")
        near = NEAR_TESTS.get(path.stem, ())
        far = [name for name in SLOW_TESTS if name not in near]
        return all(_passes(copy_, names) for names in (near, far) if names)


def _passes(project: Path, names: Iterable[str]) -> bool:
    tests = [f"tests/{name}" for name in names]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests, "-k", SLOW_NAMES]
    environment = os.environ | {"PYTHONPATH": str(project)}
    return subprocess.run(command, capture_output=True, check=False, cwd=project, env=environment).returncode == 0


def _known() -> dict[str, bool]:
    """What earlier calls have found, by mutant."""
    lines = FOUND.read_text(encoding="utf-8").splitlines() if FOUND.exists() else []
    return {each["mutant"]: each["noticed"] for each in map(json.loads, lines)}


def _all(module: str) -> list[tuple[Path, str, str, str]]:
    """Every mutant of the modules: where, what, the changed source, and the name it is known by."""
    found = []
    for folder in ("rules", "facts"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            place = path.relative_to(PACKAGE).as_posix()
            if path.stem in ("__init__", "catalogue") or module not in ("", place):
                continue
            source = path.read_text(encoding="utf-8")
            digest = hashlib.sha256(source.encode()).hexdigest()[:12]
            for number, (words, changed) in enumerate(mutants(source)):
                found.append((path, words, changed, f"{place} {digest} {number} {words}"))
    return found


def main(sample: int, module: str) -> None:
    """Try the mutants (a sample drawn by lot, or all with 0) and print the share noticed, module by module."""
    drawn = _all(module)
    total = len(drawn)
    if sample:
        drawn = random.Random(1).sample(drawn, min(sample, total))
    known = _known()
    with tempfile.TemporaryDirectory() as folder, FOUND.open("a", encoding="utf-8") as log:
        cases = Cases(Path(folder))
        for path, words, source, key in drawn:
            if key not in known:
                name = "evalxl." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
                known[key] = cases.noticed(name, source) or not survives_slow_tests(path, source)
                log.write(json.dumps({"mutant": key, "noticed": known[key]}, ensure_ascii=False) + "\n")
                log.flush()
            if not known[key]:
                print(f"survived: {path.relative_to(PACKAGE)} {words}", flush=True)
    shares: dict[str, list[bool]] = {}
    for path, _, _, key in drawn:
        shares.setdefault(path.relative_to(PACKAGE).as_posix(), []).append(known[key])
    for place, noticed in shares.items():
        print(f"{place}: {sum(noticed)} of {len(noticed)}")
    killed = sum(known[key] for *_, key in drawn)
    print(f"{killed} of {len(drawn)} mutants noticed ({killed / max(len(drawn), 1):.1%}); there are {total} in all")


if __name__ == "__main__":
    asked = [each for each in sys.argv[1:] if each]
    main(next((int(each) for each in asked if each.isdigit()), 0), next((each for each in asked if "/" in each), ""))
