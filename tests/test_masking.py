"""What is masked in a text that is published, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalxl import layout
from evalxl.district.tables import District
from evalxl.facts import publication
from evalxl.facts.masking import Filed, digits_in, mask_name, mask_numbers, mask_of, names_in
from evalxl.layout import Field


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("手机13812345678。", "手机138********。"), ("138－1234－5678", "138－****－****"), ("138　1234　5678", "138　****　****"),
        ("１３８１２３４５６７８", "１３８********"), ("+8613812345678", "+86138********"), ("1.13812345678", "1.138********"),
        ("电话：0311-87654321", "电话：0311-********"), ("0311-8765432接听", "0311-*******接听"), ("(0311)7654321", "(0311)*******"),
        ("031187654321", "0311********"), ("0311—8765 4321", "0311—**** ****"), ("86-0311-87654321", "86-0311-********"),
        ("电话：87654321、87654322", "电话：********、********"), ("座机65554433", "座机********"), ("Tel:65554433", "Tel:********"),
        ("a.b@c.gov.cn", "***"), ("130123197001011234", "130123************"),
    ],
)  # fmt: skip
def test_numbers_that_reach_a_person_are_masked(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "安排13812345678元", "编码13812345678901", "项目编码13012310001", "项目编号：13912340001", "支出1381.2345万元", "1,381,234.56",
        "拨打12345", "2023-2024年", "热线2022-2023年", "下拨12345678", "150 200 300 45", "冀财〔2023〕13812345678号", "受理电话12345678个",
        "20500123", "13812345678.00", "合同号：031187654321",
    ],
)  # fmt: skip
def test_a_number_that_only_looks_like_one_stays(text: str) -> None:
    assert mask_numbers(text) == text


@pytest.mark.parametrize(
    ("filed", "names", "shown"),
    [
        ("张三丰、李四", ["张三丰", "李四"], "张**、李*"), ("张　三", ["张三"], "张*"), ("张三（局长）", ["张三"], "张*"),
        ("李四 王五六", ["李四", "王五六"], "李*、王**"), ("张三13812345678", ["张三"], "张*"), ("王五六科长", ["王五六"], "王**"),
        ("王局长", ["王局长"], "王**"), ("王五局长", ["王五"], "王*"),
        ("张", ["张"], "*"), ("", [], ""),
    ],
)  # fmt: skip
def test_people_are_told_in_their_field(filed: str, names: list[str], shown: str) -> None:
    assert (names_in(filed), mask_name(filed)) == (names, shown)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("会计李四主持，会同王五六和李　四", "会计李*主持，会同王**和李*"), ("高峰期", "高峰期"), ("组长高峰，高峰同志", "组长高*，高*同志"),
        ("办公室审核", "办公室审核"), ("由文化牵头，文化局", "由文*牵头，文化局"), ("Tom and Tomorrow", "T** and Tomorrow"),
        ("请拨86429753，支出86429753元", "请拨********，支出********元"),
    ],
)  # fmt: skip
def test_people_and_their_numbers_are_masked_in_texts_and_words_stay(text: str, masked: str) -> None:
    people = ("李四", "王五六", "高峰", "办公室", "文化", "Tom")
    mask = mask_of(Filed(people, digits_in("0311－8642 9753"), "示范区文化局"), str)
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("filed", "told"),
    [
        ("是", (True, "")), ("", (True, "")), ("公开", (True, "")), ("否", (False, "依据")), ("不公开", (False, "依据")),
        ("否（涉密）", (False, "依据")), ("待定", (False, "依据")), ("部分公开", (False, "依据")),
    ],
)  # fmt: skip
def test_what_is_no_consent_is_not_published(
    monkeypatch: pytest.MonkeyPatch, filed: str, told: tuple[bool, str]
) -> None:
    """The column may be a text or have other choices; only what says yes, or nothing, is one."""

    class Sheet:
        fields = (Field("own_public", "是否公开"), Field("own_reason", "不公开原因"))

    monkeypatch.setattr(layout, "PROJECTS", Sheet)
    table = {"workbook": ["a"], "row": [5.0], "own_public": [filed]}
    why = {"own_reason": ["依据"]}
    assert publication.stated(District(projects=pd.DataFrame(table | why))) == {("a", 5.0): told}
    expected = (told[0], "" if told[0] or filed in ("否", "不公开") else filed)
    assert publication.stated(District(projects=pd.DataFrame(table | {"own_reason": [""]}))) == {("a", 5.0): expected}


@pytest.mark.parametrize(
    ("field", "numbers"), [("1234567", ["1234567"]), ("123456", []), ("0311-7654321", ["7654321"])]
)
def test_a_telephone_number_has_seven_digits_at_least(field: str, numbers: list[str]) -> None:
    assert digits_in(field) == numbers


def test_one_character_alone_is_no_name_to_be_found_in_texts() -> None:
    assert mask_of(Filed(["开"], [], ""), str)("由开牵头，开展工作") == "由开牵头，开展工作"
    assert mask_of(Filed(["李开"], [], ""), str)("由李开牵头，开展工作") == "由李*牵头，开展工作"


@pytest.mark.parametrize(("name", "word"), [("涉密系统运维", "涉密"), ("国家安全宣传", "国家安全"), ("图书馆购书", "")])
def test_a_projects_name_may_say_that_it_is_secret(name: str, word: str) -> None:
    projects = pd.DataFrame([{"workbook": "w.xlsx", "row": 5.0, "name": name}])
    found = list(publication.sensitive(replace(District(), projects=projects)))
    assert found == ([("w.xlsx", 5.0, word)] if word else [])


@pytest.mark.parametrize(
    ("name", "said"), [("消防装备", "（不公开的项目）采购完成"), ("消防员", "消防员采购完成"), ("消防", "消防采购完成")]
)
def test_a_withheld_projects_name_is_found_in_texts_from_four_characters_on(name: str, said: str) -> None:
    assert publication._hiding([name], ())(f"{name}采购完成") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("其中金审工程投入18万元", "其中（不公开的项目）投入18万元"), ("金审工程运行维护投入", "（不公开的项目）投入"),
        ("金审工作", "金审工作"), ("鹿泉区审计局开展审计", "鹿泉区审计局开展审计"), ("审计业务培训", "审计业务培训"),
        ("2023年度审计", "2023年度审计"), ("审计业务系统升级", "（不公开的项目）升级"),
    ],
)  # fmt: skip
def test_a_withheld_project_is_found_by_the_beginning_of_its_name(text: str, said: str) -> None:
    """But not by words that are the department's own, its public projects', or no more than a year."""
    names = ["金审工程运行维护费", "鹿泉区审计局审计业务系统建设", "2023年度信息"]
    assert publication._hiding(names, ["鹿泉区", "鹿泉区审计局", "审计业务培训经费"])(text) == said


def test_columns_that_a_bureau_has_added_for_people_are_told_by_their_headers() -> None:
    headers = {"own_1": "联系人", "own_2": "联系人电话", "own_3": "备注", "contact": "联系人"}
    sheet = replace(layout.PROJECTS, fields=tuple(Field(key, header) for key, header in headers.items()))
    assert publication._people_fields(sheet) == ["own_1"]
    assert publication._number_fields(sheet) == ["own_2"]
