"""Units of money: however one is stated, the amount read is the amount meant, or there is an error and a blank."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from evalxl.district.findings import Finding, Severity
from evalxl.intake import read as reading
from evalxl.policy import policy as policies
from evalxl.rules.engine import check
from evalxl.values.folding import label_key
from evalxl.values.money_units import FEN_PER, stated, without_unit

POLICY = policies.load()


@pytest.mark.parametrize(
    "text",
    [
        "决算数【元】", "年初预算（元）", "决算数(单位：元)", "决算数〔元〕", "决算数[元]", "决算数{元}", "决算数<元>", "决算数「元」", "决算数『元』",
        "决算数《元》", "决算数（ 元 ）", "决算数\n（元）", "决算数/元", "决算数 元", "决算数：元", "决算数（元", "决算数(人民币元)", "决算数（￥元）", "决算数（圓）",
        "决算数（以元计）", "决算数（元，%）", "决算数﹙元﹚", "决算数｛元｝", "决算数＜元＞", "决算数〖元〗",
    ],
)  # fmt: skip
def test_a_header_states_its_unit_in_any_bracket(text: str) -> None:
    said = stated(text, header=True)
    assert said is not None
    assert (said.unit, said.written) == ("元", "元")
    assert label_key(text) in ("决算数", "年初预算")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("人民币（元）", "元"), ("单位 元", "元"), ("單位：元", "元"), ("单位:人民币元", "元"), ("￥元", "元"), ("金额单位（元）", "元"), ("计量单位：元", "元"),
        ("单位：万  元", "万元"), ("单 位 ： 元", "元"), ("单位：萬圓", "万元"), ("示范区文化局　金额单位：万元", "万元"), ("部门：某局 单位：元 日期：2024", "元"),
        ("注：以上金额单位为元", "元"), ("本表以人民币万元为计量单位。", "万元"), ("金额均为元", "元"), ("单位：元、%", "元"), ("单位：元角分", "元"), ("单位：（元）", "元"),
        ("货币单位=人民币千元", "千元"), ("单位：百万元", "百万元"), ("单位：亿元", "亿元"), ("RMB：元", "元"), ("元", "元"), ("（万元）", "万元"), ("金额单位：元，下同", "元"),
        ("单位：美元", ""), ("单位：港币", ""), ("美元", ""), ("单位：角", ""), ("USD", ""), ("单位：欧元", ""),
    ],
)  # fmt: skip
def test_a_unit_is_stated_in_many_words(text: str, unit: str) -> None:
    said = stated(text)
    assert said is not None
    assert said.unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "填报单位：元氏县教育局", "单位：元氏县财政局", "编制单位：万元村委会", "单元", "元旦慰问", "公元2023年", "多元化", "二元结构", "含上年结转12.5万元", "合同金额为12万元", "核算单位元",
        "本单位元月份支出", "默认以万元为单位", "只写数字，不写“万元”“元”等字", "不选按万元处理。", "自评得分（分）", "单位：万元/元", "执行率（%）", "单位：人", "单位名称", "万元以下项目", "",
    ],
)  # fmt: skip
def test_what_is_no_unit_is_not_taken_for_one(text: str) -> None:
    assert stated(text) is None
    assert stated(text, header=True) is None


@pytest.mark.parametrize("text", ["决算数", "元氏县", "自评得分", "多元化", "三公经费", "（元）", "元"])
def test_a_label_without_a_unit_is_left_as_it_is(text: str) -> None:
    assert without_unit(text) == text


# --- the same in a workbook: place × bracket × word × blanks × width × traditional characters

_LINES = [("财政拨款收入", 855.0), ("其他收入", 75.0), ("本年收入合计", 930.0), ("基本支出", 650.0), ("项目支出", 280.0),
          ("本年支出合计", 930.0), ("政府采购支出", 60.0)]  # fmt: skip
_HEADERS = ["项目", "年初预算数", "全年预算数", "决算数", "备注"]
_BRACKETS = ["（）", "()", "【】", "〔〕", "[]", "｛｝", "{}", "＜＞", "<>", "「」", "『』", "《》", "〖〗", "﹙﹚"]
_CONVERTIBLE = ["元", "万元", "千元", "百万元", "亿元"]
_OTHERS = ["美元", "港元", "角"]
_LABELS = ["单位", "金额单位", "计量单位", "货币单位", "金额计量单位", "單位", "金額單位"]
_IS = ["：", ":", " ：", "： ", " ", "为", "=", "︰"]


class Stated(NamedTuple):
    """A unit as somebody writes it."""

    unit: str
    bare: str
    bracketed: str
    labelled: str  # 单位：元, 金额单位（元）


@st.composite
def statements(draw: st.DrawFn, units: list[str]) -> Stated:
    unit = draw(st.sampled_from(units))
    bare = draw(st.sampled_from(["", "", "人民币", "￥", "RMB"])) if unit not in _OTHERS else ""
    bare += draw(st.sampled_from([unit, unit.replace("万", "萬").replace("亿", "億").replace("元", "圓")]))
    bare = draw(st.sampled_from(["", " ", "　", "\u00a0"])).join(bare) if "RMB" not in bare else bare
    bracket = draw(st.sampled_from(_BRACKETS))
    pad = draw(st.sampled_from(["", "", " ", "　"]))
    bracketed = f"{bracket[0]}{pad}{bare}{pad}{bracket[1]}"
    label = draw(st.sampled_from(["", " "])).join(draw(st.sampled_from(_LABELS)))
    labelled = label + draw(st.sampled_from([bracketed, *(sign + bare for sign in _IS)]))
    return Stated(unit, bare, bracketed, labelled)


class Form(NamedTuple):
    """The places of a small workbook where a unit may be stated."""

    title: str = "收入支出预决算表"
    corner: str = ""
    headers: tuple[str, ...] = tuple(_HEADERS)
    below: tuple[str, ...] = ()
    footnote: str = ""
    sheet: str = "预算"
    declared: str = ""
    remark: str = ""
    cell: str = ""  # what follows each number in its cell
    code: str = ""  # the number format


_PLACES: dict[str, Callable[[Stated, Form], Form]] = {
    "header": lambda said, form: form._replace(headers=_with(form.headers, said.bracketed)),
    "header, labelled": lambda said, form: form._replace(headers=_with(form.headers, f"（{said.labelled}）")),
    "header, behind a stroke": lambda said, form: form._replace(headers=_with(form.headers, f"/{said.bare}")),
    "header, on a second line": lambda said, form: form._replace(headers=_with(form.headers, f"\n{said.bracketed}")),
    "corner": lambda said, form: form._replace(corner=said.labelled),
    "corner, alone": lambda said, form: form._replace(corner=said.bracketed),
    "corner, behind the department": lambda said, form: form._replace(corner=f"编制部门：某局　{said.labelled}"),
    "title": lambda said, form: form._replace(title=f"{form.title}（{said.labelled}）"),
    "title, bracketed": lambda said, form: form._replace(title=form.title + said.bracketed),
    "row below the headers": lambda said, form: form._replace(below=("", *[said.bare] * 3)),
    "row below the headers, labelled": lambda said, form: form._replace(below=(said.labelled,)),
    "footnote": lambda said, form: form._replace(footnote=f"注：以上{said.labelled}。"),
    "footnote, as a sentence": lambda said, form: form._replace(footnote=f"说明：本表以{said.bare}为单位。"),
    "sheet name": lambda said, form: form._replace(sheet=f"预算({said.bare})"),
    "form": lambda said, form: form._replace(declared=said.bare),
    "remark on each line": lambda said, form: form._replace(remark=said.labelled),
    "header of the labels": lambda said, form: form._replace(headers=(f"项目{said.bracketed}", *form.headers[1:])),
    "each cell": lambda said, form: form._replace(cell=said.bare),
    "number format": lambda said, form: form._replace(code=f'0.00####"{said.bare}"'),
}  # fmt: skip


def _with(headers: tuple[str, ...], unit: str) -> tuple[str, ...]:
    return tuple(header + unit if header.endswith("数") else header for header in headers)


def _write(path: Path, form: Form, scale: float) -> None:
    with xlsxwriter.Workbook(path) as book:
        general = book.add_worksheet("基本信息")
        rows = [("部门名称", "示范区文化局"), ("所属地区", "石家庄市"), ("评价年度", 2023), ("金额单位", form.declared)]
        for at, row in enumerate(rows):
            general.write_row(at, 0, row)
        sheet = book.add_worksheet("".join(each for each in form.sheet if each not in "[]:*?/\\"))
        look = book.add_format({"num_format": form.code}) if form.code else None
        texts = [form.title, form.corner, "", *(["\t".join(form.headers)])]
        for at, text in enumerate(texts):
            sheet.write_row(at, 0, text.split("\t"))
        start = len(texts)
        if form.below:
            sheet.write_row(start, 0, form.below)
        for at, (label, amount) in enumerate(_LINES, start + 1):
            number = round(amount * scale, 9)
            values = [f"{number:.9f}".rstrip("0").rstrip(".") + form.cell if form.cell else number] * 3
            sheet.write(at, 0, label)
            for column, value in enumerate(values, 1):
                sheet.write(at, column, value, look)
            sheet.write(at, 4, form.remark)
        sheet.write(start + len(_LINES) + 2, 0, form.footnote)


def _read(path: Path) -> tuple[dict[str, list[float]], list[Finding]]:
    sources = [(path.name, path)]
    d = reading.read(sources, POLICY)
    amounts = d.budget.set_index("key")[["initial", "revised", "final"]]
    by_line = {str(key): list(row) for key, row in zip(amounts.index, amounts.to_numpy(), strict=True)}
    return by_line, check(d, POLICY).findings


def _as_meant_or_told(amounts: dict[str, list[float]], findings: list[Finding]) -> None:
    meant = {"expenditure_total": 930e6, "procurement": 60e6}
    told = any(each.severity is Severity.ERROR and each.rule in ("F02", "F03", "F05", "F11") for each in findings)
    for key, value in meant.items():
        for amount in amounts.get(key, [math.nan] * 3):
            assert amount == value or (amount != amount and told), (key, amounts, [each.message for each in findings])


@pytest.mark.parametrize("place", _PLACES)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=statements(_CONVERTIBLE), declared=st.sampled_from(["", "", "万元", "元"]))
def test_the_amount_read_is_the_amount_meant_or_there_is_an_error_and_a_blank(
    tmp_path: Path, place: str, said: Stated, declared: str
) -> None:
    path = tmp_path / "文化局.xlsx"
    _write(path, _PLACES[place](said, Form(declared=declared)), 1e6 / FEN_PER[said.unit])
    amounts, findings = _read(path)
    _as_meant_or_told(amounts, findings)
    contradicts = declared not in ("", said.unit) and place not in ("form", "each cell", "number format")
    assert any(each.severity is Severity.ERROR for each in findings) or not contradicts


@pytest.mark.parametrize("place", _PLACES)
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=statements(_OTHERS))
def test_what_is_stated_in_foreign_money_is_an_error_and_a_blank(tmp_path: Path, place: str, said: Stated) -> None:
    assume("圓" not in said.bare or said.unit != "角")
    path = tmp_path / "文化局.xlsx"
    _write(path, _PLACES[place](said, Form()), 1.0)
    amounts, findings = _read(path)
    assert any(each.severity is Severity.ERROR for each in findings)
    assert all(amount != amount for amount in amounts.get("procurement", [])), (amounts, findings)
