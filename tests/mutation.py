"""How many small changes to rules and facts the tests notice: `make mutants SAMPLE=100` prints the share and survivors.

Each mutant is one changed operator, number or severity in one module of evalxl/rules or evalxl/facts. It is first held
against the texts of tests/readings.txt and the plain values of tests/rows, then against all cases of tests/rulebook and
tests/edges and all of tests/sentences.toml at once, in one district: what each rule finds and how it says it. A process
forked for each mutant imports anew only the module that was changed and those that rest on it, and asks only their
rules, so that a module takes a few minutes. What survives is held against those of the other tests that run the changed
function (``bystanders.py``): these are collected once, and run in a fork in which the functions of the mutant have taken
the place of the sound ones. Not part of the test run. What is found is kept in
.mutants.jsonl, so that a second call goes on where the first was stopped; a module that has changed since is tried anew,
a survivor whenever a test has changed.
MODULE=rules/u_units.py tries one module, MODULE=rules/b_budget/ those of a folder; --cases asks the cases alone.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bystanders import HERE, OTHER_TESTS, PACKAGE, QUIETLY, SLOW_NAMES, Mutated, Others, digest, module_name
from cells import good_tables, tables_of
from conftest import EDGES, RULEBOOK, brief, fill
from test_statements import SENTENCES, edit_of
from words import told

from evalxl.district.findings import Finding
from evalxl.district.tables import District
from evalxl.intake.read import read
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy
from evalxl.rules import RULES

FOUND = HERE.parent / ".mutants.jsonl"
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


def mutants(source: str, path: Path) -> Iterator[tuple[str, CodeType]]:
    """Every mutant of a module: what was changed, and the code of the whole changed module."""
    tree = ast.parse(source)
    silent = {id(each) for node in ast.walk(tree) for each in _no_input_tells(node)}
    for node in [each for each in ast.walk(tree) if id(each) not in silent]:
        for change in _changes(node):
            sound = dict(vars(node))
            words = change(node)
            changed = compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)
            yield f"line {getattr(node, 'lineno', 0)}: {words}", changed
            vars(node).update(sound)


def _no_input_tells(node: ast.AST) -> Iterator[ast.AST]:
    """What of a module changes nothing that is found: types, the size of a cache, the last of many decimals.

    Nor whether a number may equal another that has been moved by the dust of binary fractions, so that none does.
    """
    if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
        yield from ast.walk(node.annotation)
    if isinstance(node, ast.FunctionDef) and node.returns:
        yield from ast.walk(node.returns)
    if isinstance(node, ast.Compare) and any(map(_is_dust, ast.walk(node))):
        yield node
    if isinstance(node, ast.keyword) and node.arg == "maxsize":
        yield node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round":
        digits = (each for each in node.args[1:] if isinstance(each, ast.Constant))
        yield from (each for each in digits if isinstance(each.value, int) and each.value >= 6)


def _is_dust(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value < 1e-6


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
    """All cases of the rulebook and all sentences as one district, one workbook each, and what must be found in it."""

    def __init__(self, folder: Path) -> None:
        self.policy = policies.load()
        kinds = [*((rule, cases) for rule, kinds in RULEBOOK.items() for cases in kinds.values()), *EDGES.items()]
        edits = [(rule, case["edit"]) for rule, cases in kinds for case in cases]
        edits += [(_SENTENCE, edit_of(place, text)) for kind in SENTENCES.values() for place, text, *_ in kind]
        sources = [
            (name, self._file(folder, name, edit))
            for number, (rule, edit) in enumerate(edits)
            for name in [f"{rule}-{number}.xlsx"]
        ]
        self.district = read(sources, self.policy)
        self.severities = {rule.id: rule.severity.value for rule in RULES.values()}
        self.rows = list(_rows(folder, self.policy))
        self.parts = list(self.district.split())
        self.expected = dict(self._found())  # what follows from the tables is known from now on, and kept by forks

    def _file(self, folder: Path, name: str, edit: dict[str, object]) -> Path:
        return fill(folder / name, edit)

    def noticed(self, name: str, code: CodeType) -> bool:
        """Whether the cases notice a mutant; in a process of its own, for a mutant may do anything."""
        child = os.fork()
        if child == 0:
            os._exit(0 if self._holds(name, code) else 1)
        _, status = os.waitpid(child, 0)
        return status != 0

    def _holds(self, name: str, code: CodeType) -> bool:
        try:
            with open(os.devnull, "w") as nothing:
                os.dup2(nothing.fileno(), 1)
                os.dup2(nothing.fileno(), 2)
            signal.alarm(300)  # one that never ends is noticed too
            anew = _load(name, code)
            if any(each.startswith(_READERS) for each in anew) and not _reads_alike():
                return False
            rules = sys.modules["evalxl.rules"].RULES.values()
            if any(rule.severity.value != self.severities[rule.id] for rule in rules):
                return False  # the handbook, which tests/test_docs.py compares, would say otherwise
            own = {rule.id for rule in rules if rule.breaks.__module__ == name}
            resting = {rule.id for rule in rules if rule.breaks.__module__ in anew} - own
            return self._rows_agree(own | resting) and all(self._agree(only) for only in (own, resting) if only)
        except BaseException:
            return False

    def _rows_agree(self, only: set[str]) -> bool:
        """Whether some rules tell of the tables of tests/rows just what they should: a thousandth of a second each."""
        sys.modules.pop("cells", None)
        cells = importlib.import_module("cells")
        asked = ((rule, d, case) for rule, d, case in self.rows if rule in only)
        return all(
            cells.told(rule, d, self.policy) == case["expect"]
            and ("answer" not in case or cells.answer(rule, d, self.policy) == case["answer"])
            for rule, d, case in asked
        )

    def _agree(self, only: set[str]) -> bool:
        """Whether some rules find in the cases just what they should, in the same words."""
        check = sys.modules["evalxl.rules.engine"]
        others = {rule: check.RULES.pop(rule) for rule in list(check.RULES) if rule not in only}
        agreed = all(
            found == [each for each in self.expected[at] if each[1][:3] in only] for at, found in self._found()
        )
        check.RULES.update(others)
        return agreed

    def _found(self) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
        """What the rules find: those of workbooks in all cases at once, those of districts in each case by itself."""
        check, scope = importlib.import_module("evalxl.rules.engine"), sys.modules["evalxl.rules"].Scope
        kinds = {rule.scope for rule in check.RULES.values()}
        asked = [("", self.district, scope.WORKBOOK)] if scope.WORKBOOK in kinds else []
        if scope.DISTRICT in kinds:  # held against their own cases alone, for each costs as much as all others together
            asked += [(name, part, scope.DISTRICT) for name, part in self.parts if name[:3] in check.RULES]
        for name, district, kind in asked:
            found = check.check(district, self.policy, kind).findings
            yield name, sorted(_as_held(each) for each in found)


def _rows(folder: Path, policy: Policy) -> Iterator[tuple[str, District, dict[str, Any]]]:
    good = good_tables(folder, policy)
    for path in sorted((HERE / "rows").glob("*.toml")):
        for rule, cases in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for case in cases:
                yield rule, tables_of(good, case), case


_SENTENCE = "sentence"
_READERS = "evalxl.facts.sentences"


def _reads_alike() -> bool:
    """Whether every text of tests/readings.txt states what it should."""
    sys.modules.pop("readings", None)
    readings = importlib.import_module("readings")
    return all(readings.reading(head) == lines for head, lines in readings.texts().items())


def _as_held(found: Finding) -> tuple[str, ...]:
    """A finding as the tests hold it: of a case all that it says, of a sentence only the rule."""
    of_a_case = not found.workbook.startswith(_SENTENCE)
    return (found.workbook, *brief([found]), told(found)) if of_a_case else (found.workbook, found.rule, "")


def _load(name: str, code: CodeType) -> list[str]:
    """Import a mutated module, and anew every module of rules and facts that rests on it; which these are."""
    sys.meta_path.insert(0, Mutated(name, code))
    if name in _UNDER_ALL:
        for module in [each for each in sys.modules if each.startswith(("evalxl.rules", "evalxl.facts"))]:
            sys.modules.pop(module, None)
        importlib.import_module("evalxl.rules.engine")
        return list(_IMPORTS)
    anew = [each for each in (name, *_resting_on(name)) if each in sys.modules]  # what no rule asks need not be loaded
    for rule in [rule.id for rule in RULES.values() if rule.breaks.__module__ in anew]:
        del RULES[rule]
    for module in anew:
        sys.modules.pop(module, None)
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
    names = {module_name(path): path for room in ("facts", "rules") for path in sorted((PACKAGE / room).rglob("*.py"))}
    names = {name: path for name, path in names.items() if not name.endswith("__init__")}
    found = {}
    for name, path in names.items():
        lines = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        imported = {f"{node.module}.{each.name}" for node in lines for each in node.names}
        found[name] = (imported | {str(node.module) for node in lines}) & set(names)
    return found


_IMPORTS = _imports()
_UNDER_ALL = {
    "evalxl.rules.rule",
    "evalxl.rules.engine",
    "evalxl.rules.wording",
    "evalxl.rules.own",
}  # the whole rulebook is imported anew


def _known(tests: str) -> dict[str, bool]:
    """What earlier calls have found, by mutant; one that survived is tried again once any test has changed."""
    lines = FOUND.read_text(encoding="utf-8").splitlines() if FOUND.exists() else []
    found = [each for each in map(json.loads, lines) if each["noticed"] or each.get("tests") == tests]
    return {each["mutant"]: each["noticed"] for each in found}


def _all(module: str) -> list[tuple[Path, str, CodeType, str]]:
    """Every mutant of the modules: where, what, the changed code, and the name it is known by."""
    found = []
    for folder in ("rules", "facts"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            place = path.relative_to(PACKAGE).as_posix()
            if path.stem in ("__init__", "catalogue") or not place.startswith(module):
                continue
            source = path.read_text(encoding="utf-8")
            for number, (words, changed) in enumerate(mutants(source, path)):
                found.append((path, words, changed, f"{place} {digest(source.encode())} {number} {words}"))
    return found


def main(sample: int, module: str, *, cases_alone: bool) -> None:
    """Try the mutants (a sample drawn by lot, or all with 0) and print the share noticed, module by module."""
    drawn = _all(module)
    total = len(drawn)
    if sample:
        drawn = random.Random(1).sample(drawn, min(sample, total))
    tests = digest(b"".join(each.read_bytes() for each in sorted(HERE.rglob("*.*ml")) + sorted(HERE.glob("*.py"))))
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


def _try(
    drawn: list[tuple[Path, str, CodeType, str]], known: dict[str, bool], tests: str, *, cases_alone: bool
) -> None:
    """Hold mutants first against the cases, all of them, then what survived against the other tests."""
    with tempfile.TemporaryDirectory() as folder, FOUND.open("a", encoding="utf-8") as log:

        def tell(key: str, *, noticed: bool) -> None:
            known[key] = noticed
            log.write(json.dumps({"mutant": key, "noticed": noticed, "tests": tests}, ensure_ascii=False) + "\n")
            log.flush()

        def hold_against(others: Others) -> None:
            for path, words, code, key in left:
                tell(key, noticed=others.noticed(path, int(words.removeprefix("line ").partition(":")[0]), code))

        if not drawn:
            return
        cases = Cases(Path(folder))
        for path in dict.fromkeys(path for path, *_ in drawn):
            if cases.noticed(module_name(path), compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)):
                raise SystemExit(f"{path}: the cases do not hold without any change")
            for _, _, code, key in [each for each in drawn if each[0] == path]:
                if cases.noticed(module_name(path), code):
                    tell(key, noticed=True)
        left = [each for each in drawn if each[3] not in known]
        print(f"{len(drawn) - len(left)} of {len(drawn)} noticed by the rulebook's cases", flush=True)
        if left and not cases_alone:
            asked = ["-k", SLOW_NAMES, f"--basetemp={folder}/tests", *(str(HERE / name) for name in OTHER_TESTS)]
            pytest.main([*QUIETLY, *asked], plugins=[Others(hold_against)])


if __name__ == "__main__":
    asked = [each for each in sys.argv[1:] if each]
    sample_, module_ = (next(filter(fits, asked), "") for fits in (str.isdigit, lambda each: "/" in each))
    main(int(sample_ or 0), module_, cases_alone="--cases" in asked)
