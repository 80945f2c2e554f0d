"""The first sheet, 填报说明: how to fill in, on one page of A4."""

from __future__ import annotations

from evalxl import layout
from evalxl.layout import GENERAL, INSTRUCTIONS
from evalxl.policy.policy import Policy
from evalxl.template import entries
from evalxl.template.page import FormBook, FormPage, text_height
from evalxl.template.references import field_away

_WIDTHS = (14, 20, 58)

_PURPOSE = "本工作簿供预算部门填报部门整体支出绩效自评：一个部门一本，所属单位汇总在同一本内，填好后整本报财政部门。"

_STEPS = (
    ("general", "办公室、财务", "先填本表。各表的标题和金额单位随之变化。"),
    ("units", "财务、人事", "逐个列出独立核算单位，行数应与基本信息所填单位数相同。"),
    ("budget", "财务", "照部门决算报表填三列金额；灰色合计行是公式，不要改写。"),
    ("projects", "财务、项目负责人", "列出全部项目支出，一个项目一行；执行率自动计算，低于 {low} 的写明偏差原因。"),
    ("indicators", "项目负责人", "选填。每个项目的分值合计为 100，其中预算执行率单列一行；实际值照实填。"),
    ("reviewers", "办公室", "列出自评工作组全体成员，打印后签字。"),
    ("narrative", "办公室、财务", "八栏都要写，数字与各表一致，年度不要沿用上年的文字。"),
)
_LAST_STEP = "最后回到《基本信息》看标题下的核对结果；显示“全部核对通过 √”再报送，显示 × 的按提示改正。"
_REACH = (
    "“全部核对通过”是说：一格、一行、一个合计能看出的错误都没有了；"
    "文字与数字是否相符、与上年和其他部门相比如何，报送后再核对。"
)

_COLOURS = (
    ("yellow", "浅黄色", "请填写的格子。"),
    ("grey", "灰色", "公式，自动计算，已锁定，不用填。"),
    ("red", "红色", "有误的格子；右侧“核对”栏用文字说明哪里不符、差多少。"),
)
_SYMBOLS = "核对栏的符号：√ 核对通过；× 有误，须改正，属实而改不了的（如全部满分）照实报送，再作说明；○ 还没有填完。"

_AMOUNTS = (
    "只写数字，不写“万元”“元”等字；默认以万元为单位，可保留到分（小数点后六位），整本只用一种单位。",
    "没有发生额填 0。空着表示“没有填”，不等于 0；不要写“无”“—”或“/”。",
)
_MISTAKES = (
    "把元当成万元填（大了一万倍）；年初预算数、全年预算数、决算数三列填串；全年预算数没有包括追加、追减。",
    "改写合计公式，或者从别的表整块粘贴把公式和下拉列表盖掉：粘贴时请用“选择性粘贴—数值”。",
    "收入合计不等于支出合计时，漏填年初结转和结余、年末结转和结余。",
    "得分与等级对不上；全部项目都打满分；执行数大于全年预算数；项目名称与预算批复不一致。",
)
_SENDING = (
    "保存为 Excel 工作簿（.xlsx），不要另存为 .xls、.et、PDF 或图片；不要设打开密码，文件名写部门名称。",
    "不要改工作表名称、表头和各栏次序；行数不够时，撤销工作表保护（没有密码），在表格最后一行上方插入整行再填，核对公式随之扩大。",
)


def draw(book: FormBook) -> None:
    """Write 填报说明."""
    page = book.form(INSTRUCTIONS.title)
    for column, width in enumerate(_WIDTHS, 1):
        page.column(column, width, page.look("plain"))
    _title(page)
    row = _paragraphs(page, 3, "一、用途", (_PURPOSE,))
    row = _steps(page, row, f"{book.policy.value('explain_rate'):.0%}")
    row = _colours(page, row)
    row = _paragraphs(page, row, "四、金额怎么写", _AMOUNTS)
    row = _paragraphs(page, row, "五、常见错误", _MISTAKES)
    row = _bands(page, row, book.policy)
    row = _paragraphs(page, row, "七、保存和报送", _SENDING)
    local = _local(book.policy)
    row = _paragraphs(page, row, "八、本地的规定", local) if local else row
    page.paper(landscape=False)
    page.protect()
    page.sheet.fit_to_pages(1, 1)
    page.sheet.print_area(0, 0, row - 1, len(_WIDTHS) - 1)
    page.sheet.set_tab_color("#5B9BD5")
    page.finish()


def _title(page: FormPage) -> None:
    look, year = page.look, field_away(GENERAL, "year")
    page.join(1, 1, len(_WIDTHS), look("title"))
    formula = f'IF(ISNUMBER({year}),{year}&"年度","")&"{entries.title_tail(INSTRUCTIONS)}"'
    page.formula(1, 1, formula, entries.sheet_title(page.book.entries, INSTRUCTIONS), look("title"))
    page.join(2, 1, len(_WIDTHS), look("note"))
    page.put(
        2,
        1,
        f"模板版本 {layout.TEMPLATE_VERSION}{_own_layout()}　用 Excel 或 WPS 填写，不需要联网，也不需要安装其他软件。",
        look("note"),
    )
    page.rows(1, 32)
    page.rows(2, 20)


def _own_layout() -> str:
    return f"　表样：{layout.NAME}（{layout.SHA256[:8]}）" if layout.NAME else ""


def _section(page: FormPage, row: int, title: str) -> int:
    page.merge(row, 1, len(_WIDTHS), title, page.look("section"))
    page.rows(row, 24)
    return row + 1


def _paragraphs(page: FormPage, row: int, title: str, texts: tuple[str, ...]) -> int:
    row = _section(page, row, title)
    for number, text in enumerate(texts, 1):
        _across(page, row, f"{number}．{text}" if len(texts) > 1 else text)
        row += 1
    return row


def _across(page: FormPage, row: int, text: str) -> None:
    page.merge(row, 1, len(_WIDTHS), text, page.look("text"))
    page.rows(row, text_height(text, sum(_WIDTHS)))


def _steps(page: FormPage, row: int, low: str) -> int:
    row, look = _section(page, row, "二、由谁填、按什么顺序填"), page.look
    for column, header in enumerate(("工作表", "建议由谁填", "填什么"), 1):
        page.put(row, column, header, look("header"))
    page.rows(row, 22)
    for number, (key, who, what) in enumerate(_STEPS, 1):
        row += 1
        page.put(row, 1, f"{number}．{layout.BY_KEY[key].title}", look("cell"))
        page.put(row, 2, who, look("cell"))
        page.put(row, 3, what.format(low=low), look("cell"))
        page.rows(row, text_height(what, _WIDTHS[2]) + 4)
    _across(page, row + 1, _LAST_STEP)
    _across(page, row + 2, _REACH)
    return row + 3


def _colours(page: FormPage, row: int) -> int:
    row = _section(page, row, "三、颜色和符号")
    for look, name, meaning in _COLOURS:
        page.put(row, 1, name, page.look(look))
        page.merge(row, 2, 3, meaning, page.look("cell"))
        page.rows(row, 20)
        row += 1
    _across(page, row, _SYMBOLS)
    return row + 1


def _bands(page: FormPage, row: int, policy: Policy) -> int:
    row = _section(page, row, f"六、等级标准（{policy.scheme.title}，按{policy.digits_in_words}的得分确定等级）")
    for text in band_words(policy):
        page.put(row, 1, text[0], page.look("centre"))
        page.merge(row, 2, 3, text[1], page.look("cell"))
        page.rows(row, 20)
        row += 1
    return row


def _local(policy: Policy) -> tuple[str, ...]:
    """What the policy asks for and the usual one does not: steps of execution points, lengths of sections."""
    texts = [f"预算执行率得分按档次：{policy.execution.words}。"] if policy.execution.steps else []
    for section, length in policy.lengths.items():
        least = f"不少于 {length.least} 字" if length.least is not None else ""
        most = f"不超过 {length.most} 字" if length.most is not None else ""
        texts.append(f"“{section}”{'，'.join(each for each in (least, most) if each)}。")
    return tuple(texts)


def band_words(policy: Policy) -> list[tuple[str, str]]:
    """The grade bands in force in words, best first: the grade and the scores that earn it."""
    bands = sorted(policy.scheme.bands, key=lambda band: -band.end)
    words = []
    for position, band in enumerate(bands):
        end = "" if position == 0 else "（不含）"
        words.append((band.grade, f"{band.start:g}分（含）至{band.end:g}分{end}"))
    return words
