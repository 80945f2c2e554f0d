"""Which texts of several departments are alike (N06), at the boundaries, and which name another out of place (N04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from cells import good_tables, named

from evalxl.district.tables import Bureau, District, Likenesses, concat
from evalxl.facts.names import names_out_of_place
from evalxl.facts.sketches import pairs_of_like
from evalxl.layout import NARRATIVE
from evalxl.policy.policy import Policy, load
from evalxl.rules import Scope
from evalxl.rules.engine import check
from evalxl.values.folding import name_key

Texts = Mapping[str, str]  # of the narrative's sections, by key


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


def _words(count: int, first: int = 0) -> str:
    """A text of so many characters, none of which comes twice."""
    return "".join(chr(0x4E00 + first + at) for at in range(count))


def _like(text: str, changed: int) -> str:
    """The same with so many characters at its end exchanged."""
    return text[: len(text) - changed] + _words(changed, 5_000)


def _department(good: District, name: str, texts: Texts, saved: str = "") -> District:
    """A department's workbook that says nothing but some texts."""
    d = named(good, f"{name}.xlsx")
    own = {"department": name, "department_key": name_key(name), "code": ""}
    return replace(
        d,
        workbooks=d.workbooks.assign(department=name, code="", saved=saved),
        general=d.general.assign(**own),
        narrative=d.narrative.assign(**(dict.fromkeys(NARRATIVE.by_key, "") | dict(texts))),
    )


def _found(d: District, policy: Policy) -> list[tuple[str, str, str, str]]:
    """All that N06 tells: workbook, section, severity, words."""
    headers = {f"{NARRATIVE.title}!B{row}": key for key in NARRATIVE.by_key for row in [NARRATIVE.row(key)]}
    return [
        (each.workbook, headers[f"{each.sheet}!{each.cell}"], each.severity.value, each.message.partition(" ")[2])
        for each in check(d, policy, Scope.DISTRICT).findings
        if each.rule == "N06"
    ]


def _of(good: District, policy: Policy, texts: Mapping[str, Texts], **saved: str) -> list[tuple[str, str, str, str]]:
    return _found(concat(_department(good, name, own, saved.get(name, "")) for name, own in texts.items()), policy)


def test_texts_are_compared_from_sixty_characters_on(good: District, policy: Policy) -> None:
    short, long = {"problems": _words(59)}, {"problems": _words(60)}
    assert _of(good, policy, {"甲局": short, "乙局": short}) == []
    assert _of(good, policy, {"甲局": long, "乙局": long}) == [
        ("乙局.xlsx", "problems", "warning", "存在的问题：与《甲局.xlsx》（甲局）的文字相似：存在的问题 100%。"),
        ("甲局.xlsx", "problems", "warning", "存在的问题：与《乙局.xlsx》（乙局）的文字相似：存在的问题 100%。"),
    ]


def test_nine_tenths_alike_are_a_copy(good: District, policy: Policy) -> None:
    for changed, words in ((11, []), (10, ["存在的问题 90%"]), (9, ["存在的问题 91%"])):
        one, other = {"problems": _words(100)}, {"problems": _like(_words(100), changed)}
        found = _of(good, policy, {"甲局": one, "乙局": other})
        assert [each[3] for each in found] == [
            f"存在的问题：与《{whose}.xlsx》（{whose}）的文字相似：{each}。"
            for each in words
            for whose in ("甲局", "乙局")
        ]


def test_short_sections_are_compared_together_from_twice_sixty_on(good: District, policy: Policy) -> None:
    def short(*lengths: int) -> dict[str, str]:
        ends = [sum(lengths[:at]) for at in range(len(lengths))]
        return {
            key: _words(length, first)
            for key, length, first in zip(("goals", "details", "measures"), lengths, ends, strict=False)
        }

    assert _of(good, policy, {"甲局": short(59, 59), "乙局": short(59, 59)}) == []
    assert _of(good, policy, {"甲局": short(40, 40, 39), "乙局": short(40, 40, 39)}) == []
    assert _of(good, policy, {"甲局": short(40, 40, 40), "乙局": short(40, 40, 40)}) == [
        (
            f"{own}.xlsx", "goals", "warning",
            f"整体绩效目标：与《{other}.xlsx》（{other}）的文字相似：不足 60 字的各栏合起来 100%。",
        )
        for own, other in (("乙局", "甲局"), ("甲局", "乙局"))
    ]  # fmt: skip
    one = {"overview": _words(1, 300)} | short(40, 40, 40)
    assert [each[1] for each in _of(good, policy, {"甲局": one, "乙局": one})] == ["overview", "overview"]  # the first
    # A section long enough to be compared by itself is no part of the short ones.
    assert _of(good, policy, {"甲局": short(59, 60), "乙局": short(59, 61)})[0][3].endswith("：分项目标实现情况 99%。")


def test_who_copied_through_another_is_of_the_group_and_the_first_is_not_told(good: District, policy: Policy) -> None:
    text = _words(100)
    texts = {
        "丙局": {"problems": _like(text, 8)}, "甲局": {"problems": text},
        "乙局": {"problems": _words(8, 9_000) + text[8:]},  # like 甲局, not like 丙局
    }  # fmt: skip
    found = _of(good, policy, texts, 甲局="2024-03-01", 乙局="2024-03-02", 丙局="2024-03-03")
    assert found == [
        ("丙局.xlsx", "problems", "warning",
         "存在的问题：与《乙局.xlsx》（乙局）、《甲局.xlsx》（甲局）的文字相似：存在的问题 92%。"),
        ("乙局.xlsx", "problems", "warning",
         "存在的问题：与《丙局.xlsx》（丙局）、《甲局.xlsx》（甲局）的文字相似：存在的问题 92%。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (("2024-03-01", "2024-03-02"), ["乙局.xlsx"]),
        (("2024-03-02", "2024-03-01"), ["甲局.xlsx"]),
        (("2024-03-01", "2024-03-01"), ["乙局.xlsx", "甲局.xlsx"]),
        (("", "2024-03-01"), ["乙局.xlsx", "甲局.xlsx"]),  # when it was saved is not known
        (("", ""), ["乙局.xlsx", "甲局.xlsx"]),
    ],
)
def test_the_earliest_is_left_alone_where_it_is_known(
    good: District, policy: Policy, saved: tuple[str, str], told: list[str]
) -> None:
    text = {"problems": _words(60)}
    found = _of(good, policy, {"甲局": text, "乙局": text}, 甲局=saved[0], 乙局=saved[1])
    assert [each[0] for each in found] == told


def test_who_copied_is_clear_where_a_section_names_the_other_and_only_there(good: District, policy: Policy) -> None:
    copied = {"details": "南山县水利局完成投资500万元。" + _words(60), "problems": _words(60)}
    found = _of(good, policy, {"南山县文化局": copied, "南山县水利局": copied})
    assert [(each[0], each[1]) for each in found] == [
        ("南山县文化局.xlsx", "problems"),
        ("南山县水利局.xlsx", "problems"),
    ]
    assert all(each[3].endswith("的文字相似：存在的问题 100%。") for each in found)
    short = {
        "goals": "南山县水利局完成投资500万元。" + _words(40),
        "details": _words(50, 100),
        "measures": _words(50, 200),
    }
    assert _of(good, policy, {"南山县文化局": short, "南山县水利局": short}) == []


def test_of_a_large_group_five_are_named(good: District, policy: Policy) -> None:
    text, names = {"problems": _words(60)}, [f"第{number}局" for number in "123456"]
    six = _of(good, policy, dict.fromkeys(names, text))
    assert six[0][3].count("《") == 5
    assert "等" not in six[0][3]
    seven = _of(good, policy, dict.fromkeys([*names, "第7局"], text))
    assert len(seven) == 7
    assert seven[0][3] == (
        "存在的问题：与《第2局.xlsx》（第2局）、《第3局.xlsx》（第3局）、《第4局.xlsx》（第4局）、《第5局.xlsx》（第5局）、"
        "《第6局.xlsx》（第6局）等 6 个部门的文字相似：存在的问题 100%。"
    )


def test_what_repeats_the_notice_is_a_hint_of_its_own(good: District, policy: Policy) -> None:
    texts = {"organisation": _words(60), "methods": _words(60, 100), "goals": _words(60, 200)}
    found = _of(good, policy, {"甲局": texts, "乙局": texts}, 甲局="1", 乙局="2")
    assert found == [
        ("乙局.xlsx", "goals", "warning", "整体绩效目标：与《甲局.xlsx》（甲局）的文字相似：整体绩效目标 100%。"),
        ("乙局.xlsx", "organisation", "info", "自评组织：与《甲局.xlsx》（甲局）的文字相似：自评组织 100%、自评方法和过程 100%。"),
    ]  # fmt: skip


def test_the_most_like_is_told_and_a_copy_of_itself_is_none(good: District, policy: Policy) -> None:
    text = _words(100)
    texts = {"甲局": {"problems": text}, "乙局": {"problems": _like(text, 8)}, "丙局": {"problems": _like(text, 4)}}
    shares = {each[0]: each[3].rpartition(" ")[2] for each in _of(good, policy, texts)}
    assert shares == {"甲局.xlsx": "96%。", "乙局.xlsx": "96%。", "丙局.xlsx": "96%。"}
    twice = concat(
        [_department(good, "甲局", {"problems": text}), named(_department(good, "甲局", {"problems": text}), "改.xlsx")]
    )
    assert _found(twice, policy) == []


_X, _Y = {"problems": _words(60)}, {"problems": _words(60, 100)}
_BOTH = {"甲局": (_X, "1"), "乙局": (_X, "2")}  # 甲局 is the first, 乙局 is asked
_Batch = Mapping[str, tuple[Texts, str]]  # each department's texts, and when they were saved


def _asked(good: District, policy: Policy, before: _Batch, now: _Batch) -> dict[str, str]:
    """Whom N06 asks after an earlier round, each with whom it names as the first."""
    known = Likenesses()
    for batch in (before, now):
        d = concat(_department(good, name, *own) for name, own in batch.items())
        d = replace(d, bureau=Bureau(likenesses=known))
        found = [each for each in check(d, policy, Scope.DISTRICT).findings if each.rule == "N06"]
        known = Likenesses({f"{name}.xlsx": name_key(name) for name in batch}, found)
    return {each.workbook[:-5]: each.fix.partition("；")[0] for each in found}


_FIRST, _UNKNOWN = "《甲局.xlsx》在先", "请核对由谁起草"


@pytest.mark.parametrize("level", ["warning", "error", "info"])
@pytest.mark.parametrize(
    ("before", "now", "asked"),
    [
        (_BOTH, _BOTH | {"甲局": (_X, "9")}, {"乙局": _FIRST}),  # saved again
        (_BOTH, _BOTH | {"甲局": (_X, "9"), "丙局": (_X, "0")}, {"乙局": _FIRST, "丙局": _FIRST}),
        # Whoever filed words of his own before has not therefore written these.
        (_BOTH | {"丙局": (_Y, "0")}, _BOTH | {"甲局": (_X, "9"), "丙局": (_X, "3")}, {"乙局": _FIRST, "丙局": _FIRST}),
        # The first has not come this time.
        (_BOTH | {"丙局": (_X, "3")}, {"乙局": (_X, "2"), "丙局": (_X, "3")}, {"乙局": _UNKNOWN, "丙局": _UNKNOWN}),
        # Who was asked has new words, and another has them too.
        (_BOTH | {"丙局": ({}, "0")}, {"乙局": (_Y, "4"), "丙局": (_Y, "5")}, {"乙局": _UNKNOWN, "丙局": _UNKNOWN}),
        (_BOTH | {"丙局": ({}, "0")}, {"乙局": (_Y, "5"), "丙局": (_Y, "4")}, {"乙局": "《丙局.xlsx》在先"}),
        ({"甲局": (_X, "1")}, {"甲局": (_X, "9"), "乙局": (_X, "2")}, {"乙局": _FIRST}),  # 乙局 files now only
        ({"丙局": (_Y, "1")}, _BOTH, {"乙局": _FIRST}),  # neither has filed before
    ],
)
def test_who_wrote_first_is_told_by_the_round_before(
    good: District, policy: Policy, level: str, before: _Batch, now: _Batch, asked: dict[str, str]
) -> None:
    own = policy.model_copy(update={"severity": policy.severity | ({} if level == "warning" else {"N06": level})})
    assert _asked(good, own, before, now) == asked


def test_of_what_repeats_the_notice_others_may_be_first(good: District, policy: Policy) -> None:
    two = {"problems": _words(60), "methods": _words(60, 100)}
    before = {"甲局": (two, "1"), "乙局": (two, "2"), "丙局": ({"methods": two["methods"]}, "0")}
    d = concat(_department(good, name, *own) for name, own in before.items())
    found = [each for each in check(d, policy, Scope.DISTRICT).findings if each.rule == "N06"]
    known = Likenesses({f"{name}.xlsx": name_key(name) for name in before}, found)
    again = concat(_department(good, name, texts, str(9 - int(day))) for name, (texts, day) in before.items())
    told = check(replace(again, bureau=Bureau(likenesses=known)), policy, Scope.DISTRICT).findings
    expected = [
        ("乙局.xlsx", "存在的问题", "甲局"),
        ("乙局.xlsx", "自评方法和过程", "丙局"),
        ("甲局.xlsx", "自评方法和过程", "丙局"),
    ]
    for each in (found, told):
        assert sorted((one.workbook, one.label, one.fix[1:3]) for one in each if one.rule == "N06") == expected


@pytest.mark.parametrize(
    ("section", "now", "told"),
    [
        ("problems", _words(60), "存在的问题 100%"),
        ("problems", _words(59), ""),
        ("measures", _like(_words(100), 10), "改进措施 90%"),
        ("measures", _like(_words(100), 11), ""),
        ("details", _words(60), "分项目标实现情况 100%"),
        ("achievement", _words(60), "总体目标实现情况 100%"),
        ("overview", _words(60), ""),  # what no year changes
        ("organisation", _words(60), ""),
    ],
)
def test_last_years_text_is_a_copy_too(good: District, policy: Policy, section: str, now: str, told: str) -> None:
    before = _words(len(now))
    d = replace(
        _department(good, "甲局", {section: now}),
        bureau=Bureau(last_year=_department(good, "甲局", {section: before})),
    )
    words = f"{NARRATIVE.by_key[section].header}：与本部门上年报送的文字相似：{told}。"
    assert _found(d, policy) == ([("甲局.xlsx", section, "warning", words)] if told else [])


@pytest.mark.parametrize(("shared", "pairs"), [(0, []), (6, []), (7, [(0, 1)]), (12, [(0, 1)])])
def test_texts_are_held_side_by_side_that_share_two_pieces_of_six_characters(
    shared: int, pairs: list[tuple[int, int]]
) -> None:
    same = _words(shared)
    for texts in (
        (same + _words(9, 1_000), same + _words(9, 2_000)),
        (_words(9, 1_000) + same, _words(9, 2_000) + same),
        (_words(9, 1_000) + same, same + _words(9, 2_000)),
    ):
        assert pairs_of_like(texts) == pairs
    assert pairs_of_like([_words(3), _words(3, 3)]) == []  # no piece at all, nor one from the end of one into the next
    assert pairs_of_like([_words(3), _words(9, 3), _words(9)]) == []


@pytest.mark.parametrize(("texts", "pairs"), [(60, 60 * 59 // 2), (61, 60 + 59 + 58)])
def test_a_text_of_very_many_is_held_beside_its_next_three_alone(texts: int, pairs: int) -> None:
    assert len(pairs_of_like([_words(20)] * texts)) == pairs


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("南山县水利局完成投资500万元。", ["南山县水利局"]),
        ("全面完成年度任务，南山县水利局完成投资500万元。", ["南山县水利局"]),
        ("（二）2023年度，南山县水利局完成投资500万元。", ["南山县水利局"]),
        ("南山县水利局完成投资。南山县文化局完成演出。", ["南山县水利局"]),
        ("南山县水利局农村供水中心完成投资。", ["南山县水利局农村供水中心"]),  # the longest of those that begin alike
        ("南山县水利局完成投资，南山县水利局农村供水中心完成供水。", ["南山县水利局", "南山县水利局农村供水中心"]),
        ("现将南山县水利局部门整体支出绩效自评情况报告如下。", ["南山县水利局"]),
        ("参照南山县水利局部门整体支出绩效自评报告编写。", []),
        ("而南山县水利局完成投资500万元。", []),  # not where the writer's own name would stand
        ("在全县水利工程建设工作中始终坚持的南山县水利局完成投资。", []),
        ("农村供水由南山县水利局实施。", []),
        ("会同南山县水利局开展检查。", []),
        ("南山县水利局的要求全部落实。", []),
        ("南山县水利局完成投资，南山县文化局完成演出。", []),  # what the two have to do with each other
        ("南山县水利局完成投资，我局完成演出。", []),
        ("南山县文化局完成演出。", []),
        ("南山县财政局完成拨款。", []),  # every report speaks of it
        ("水利局完成投资500万元。", []),
    ],
)
def test_which_departments_a_text_names_as_its_writer(good: District, text: str, names: list[str]) -> None:
    others = ("南山县水利局", "南山县水利局农村供水中心", "南山县财政局")
    batch = [_department(good, "南山县文化局", {"details": text}), *(_department(good, name, {}) for name in others)]
    found = names_out_of_place(concat(batch))
    assert [[name.shown for name in named_here] for _, named_here in found] == ([names] if names else [])
