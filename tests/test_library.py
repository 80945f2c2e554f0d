"""The library as other programs call it: what it gives, what it raises, and the page about it."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from conftest import fill

import evalxl
from evalxl import library
from evalxl.cli import app
from evalxl.values.errors import UsageError

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
WATER = SAMPLES / "鹿泉区水利局.xlsx"
MIXED = {"预算!D22": 903}


def test_a_path_bytes_and_a_name_with_bytes_give_the_same(tmp_path: Path) -> None:
    path = fill(tmp_path / "甲局.xlsx", MIXED)
    found = [
        evalxl.check(source) for source in (path, str(path), [path], path.read_bytes(), {"甲.xlsx": path.read_bytes()})
    ]
    assert [[(each.id, each.message) for each in one.findings] for one in found] == 5 * [
        [(each.id, each.message) for each in found[0].findings]
    ]
    assert [one.workbooks[0].workbook for one in found] == [*3 * [path.as_posix()], "工作簿.xlsx", "甲.xlsx"]
    assert {one.workbooks[0].department for one in found} == {"示范区文化局"}


def test_what_a_result_says() -> None:
    one, all_ = evalxl.check(WATER), evalxl.check(SAMPLES)
    assert (one.status, one.status.word, one.ok, one.exit_code) == ("returned", "退回", False, 1)
    assert one.findings[0].rule == "B01"
    assert one.of(one.workbooks[0].workbook) == list(one.findings)
    assert (all_.status, all_.ok, all_.exit_code, len(all_.workbooks)) == (evalxl.Status.REFUSED, False, 3, 11)
    table = one.to_frame()
    assert list(table["rule"]) == [each.rule for each in one.findings]
    header, first, *_ = one.to_csv().splitlines()
    assert (
        header
        == "文件,部门,级别,规则,工作表,单元格,行/栏目,发现的问题,怎样处理,应为,实为,差额,容许误差,变化,部门说明,豁免,编号"
    )
    assert first.split(",")[2] == "错误"
    assert len(table.columns) == len(header.split(","))
    assert evalxl.check(SAMPLES / "鹿泉区审计局.xlsx").ok


def test_a_table_without_findings_has_its_columns(tmp_path: Path) -> None:
    good = evalxl.check(fill(tmp_path / "good.xlsx", {}))
    assert (good.status, good.ok, good.findings) == ("accepted", True, ())
    assert list(good.to_frame().columns) == list(evalxl.check(WATER).to_frame().columns)


def test_the_command_says_what_the_library_says(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evalxl", "check", str(WATER), "--format", "json"], capture_output=True, check=False
    )
    assert done.stdout.decode() == evalxl.check(WATER).to_json()
    finished = evalxl.run(SAMPLES, tmp_path / "out")
    assert (tmp_path / "out" / "findings.json").read_text(encoding="utf-8").startswith('{\n "format": 1,')
    assert finished.exit_code == 3
    assert sorted(finished.files) == sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
    )


def test_the_marked_copy_is_the_one_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = fill(tmp_path / "in" / "甲局.xlsx", MIXED)
    evalxl.run(tmp_path / "in", tmp_path / "out")
    returned = (tmp_path / "out" / "退回" / "示范区文化局.xlsx").read_bytes()
    assert evalxl.marked(path) == evalxl.marked(path.read_bytes()) == returned


def test_what_cannot_be_marked_is_a_list_and_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(evalxl.UsageError, match=r"。$"):
        evalxl.marked(b"no workbook")
    with pytest.raises(evalxl.UsageError, match=r"没有 .* 这个文件"):
        evalxl.marked(tmp_path)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda place: evalxl.check(place / "none.xlsx"), "没有 .*none.xlsx 这个文件或文件夹"),
        (lambda place: evalxl.check([]), "里没有文件"),
        (lambda place: evalxl.check({}), "没有给出要核对的工作簿"),
        (lambda place: evalxl.check(WATER, policy=place / "none.toml"), "none.toml"),
        (lambda place: evalxl.check(WATER, roster=place / "none.csv"), "none.csv"),
        (lambda place: evalxl.run(place / "none", place / "out"), "没有收件夹"),
        (lambda place: evalxl.merge([], place / "out"), "没有给出要合并的结果文件夹"),
        (lambda place: evalxl.template(place / "a.txt"), "须以 .xlsx 结尾"),
    ],
)
def test_a_wrong_call_is_one_sentence(call: object, words: str, tmp_path: Path) -> None:
    assert callable(call)
    with pytest.raises(evalxl.UsageError, match=words) as raised:
        call(tmp_path)
    assert str(raised.value).endswith("。")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(evalxl.OutputError):
        evalxl.run(SAMPLES, tmp_path / "file")


def test_an_option_that_is_none_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="rooster"):
        evalxl.run(SAMPLES, tmp_path / "out", rooster="x")  # type: ignore[call-arg]


def test_functions_stay_functions_whatever_room_is_imported() -> None:
    import evalxl.run.run
    import evalxl.template.workbook

    assert callable(evalxl.run)
    assert callable(evalxl.template)
    assert callable(evalxl.rules)
    assert pickle.loads(pickle.dumps(evalxl.run)) is evalxl.run
    assert evalxl.UsageError is UsageError
    assert all(getattr(evalxl, name) is not None for name in evalxl.__all__)
    with pytest.raises(AttributeError):
        evalxl.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_every_option_of_the_command_is_an_option_of_the_library() -> None:
    import typer.main

    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    own = {each.name for each in command.params} - {"inbox", "outbox", "quiet", "no_color", "help"}
    assert own == set(evalxl.Options.__annotations__) - {"progress"}


# ---------------------------------------------------------------- the schema


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """findings.json of the samples, of their second round with a correction and an explanation, and of a check."""
    place = tmp_path_factory.mktemp("rounds")
    first = place / "first"
    evalxl.run(SAMPLES, first)
    (place / "in").mkdir()
    fill(place / "in" / "a.xlsx", {})
    (place / "in" / "b.xlsx").write_bytes((first / "退回" / "鹿泉区水利局.xlsx").read_bytes())
    evalxl.run(place / "in", place / "second", previous=[first])
    files = [place / name / "findings.json" for name in ("first", "second")]
    return [*(path.read_text(encoding="utf-8") for path in files), evalxl.check(WATER).to_json()]


def test_what_is_written_is_what_the_schema_says(rounds: list[str]) -> None:
    schema = evalxl.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for text in rounds:
        jsonschema.validate(json.loads(text), schema)


def test_every_field_of_the_schema_occurs(rounds: list[str]) -> None:
    """So that nothing is described that is never written."""
    found = [json.loads(text) for text in rounds]
    lists = {"Workbook": "workbooks", "Finding": "findings", "Coverage": "coverage"}
    for name, key in lists.items():
        wanted = set(evalxl.schema()["$defs"][name]["properties"]) - {"explanation", "lapsed", "waiver"}
        assert set().union(*(each for one in found for each in one[key])) == wanted


@pytest.mark.parametrize("spoil", ["format", "status", "extra", "operand"])
def test_the_schema_refuses_what_is_otherwise(spoil: str, rounds: list[str]) -> None:
    content = json.loads(rounds[0])
    if spoil == "format":
        content["format"] = 2
    elif spoil == "status":
        content["workbooks"][0]["status"] = "fine"
    elif spoil == "extra":
        content["findings"][0]["extra"] = ""
    else:
        next(each for each in content["findings"] if each["operands"])["operands"][0].pop("cell")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, evalxl.schema())


# ---------------------------------------------------------------- several people at once


def test_uploads_checked_at_once_get_what_each_would_get_alone(tmp_path: Path) -> None:
    samples = {path.name: path.read_bytes() for path in SAMPLES.iterdir()}
    good = fill(tmp_path / "a.xlsx", {}).read_bytes()
    uploads = [{name: data} for name, data in samples.items()]
    uploads += [
        {"a.xlsx": good, "b.xlsx": good},
        {"a.xlsx": b"nothing"},
        dict(list(samples.items())[:5]),
        {"a.xlsx": good},
    ]
    together = library.check_apart(uploads)
    for own, result in zip(uploads, together, strict=True):
        alone = evalxl.check(own)
        assert result.workbooks == alone.workbooks
        assert result.findings == alone.findings
        assert result.exit_code == alone.exit_code
    assert any(each.rule == "F06" for each in together[len(samples)].findings)
