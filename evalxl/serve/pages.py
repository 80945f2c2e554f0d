"""The pages as HTML: what somebody else wrote goes through ``escape``, and there is neither script nor style in them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from evalxl.library import Finding, Severity, Status, Workbook
from evalxl.serve.uploads import MOST_BYTES, MOST_FILES
from evalxl.serve.worker import Answer, Book

TITLE = "部门整体支出绩效自评"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ACCEPT = ".xlsx,.xlsm,.xls,.et,.ods"
_PASSING = "上传的工作簿只在检查的片刻读取，查完即删，不保存、不外传。检查结果以财政局核对为准。"
_LOCAL = "工作台只在本机可用；工作簿和结果只在本机的文件夹里，不联网。"


def page(title: str, main: str, *, desk: bool = False) -> str:
    """A whole page around its main part."""
    links = [("/", "自查"), ("/guide/accountant.html", "填报指南"), ("/template.xlsx", "空白模板")]
    links = [("/desk", "工作台"), *links] if desk else links
    listed = "".join(f'<li><a href="{target}">{words}</a></li>' for target, words in links)
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - {TITLE}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">跳到正文</a>
<header><p class="brand">{TITLE}</p><nav aria-label="主要页面"><ul>{listed}</ul></nav></header>
<main id="main">
{main}
</main>
<footer><p>{_LOCAL if desk else _PASSING}</p></footer>
</body>
</html>
"""


def front(trouble: str = "") -> str:
    """The page of the self-check; with a sentence where something went wrong."""
    said = f'<p class="trouble" role="alert">{escape(trouble)}</p>' if trouble else ""
    return page(
        "自查",
        f"""<h1>填好的工作簿，先自查再报</h1>
{said}
<form method="post" action="/check" enctype="multipart/form-data">
<p><label for="files">选择工作簿</label>
<input id="files" name="files" type="file" multiple required accept="{_ACCEPT}" aria-describedby="limits"></p>
<p id="limits" class="note">一次最多 {MOST_FILES} 个，每个不超过 {MOST_BYTES // 2**20} MB；.xlsx 最好，.xls、.et、.ods 也能查。</p>
<p><button type="submit">检查</button>
<button type="submit" name="answer" value="copy" class="plain">检查并下载标好问题的工作簿</button></p>
</form>
<h2>会得到什么</h2>
<ul>
<li>有问题的格子、表上的数和应有的数、怎样改，按工作表列出，可以打印；</li>
<li>一份标好问题的工作簿：就是您交来的那一本，数据、公式、格式都不动，只在最前面加《问题清单》，给有问题的格子加底纹和批注。</li>
</ul>
<p>还没有表的，<a href="/template.xlsx">下载空白模板</a>；怎样填，见<a href="/guide/accountant.html">填报指南</a>。</p>""",
    )


def failure(sentence: str, *, desk: bool = False) -> str:
    """A page that says what went wrong."""
    back = '<a href="/desk">回到工作台</a>' if desk else '<a href="/">回到自查</a>'
    main = f'<h1>没有做成</h1>\n<p class="trouble" role="alert">{escape(sentence)}</p>\n<p>{back}</p>'
    return page("没有做成", main, desk=desk)


# ---------------------------------------------------------------- what was found


_NEXT = {
    Status.ACCEPTED: "没有错误和提醒，可以报送。",
    Status.EXPLAINED: "没有错误，提醒都已说明，可以报送。",
    Status.EXPLAIN: "没有错误；提醒请改正，或在《问题清单》的“说明”栏写明后报送。",
    Status.RETURNED: "错误须改正后才能报送；提醒请改正，或在《问题清单》的“说明”栏写明。",
    Status.REFUSED: "这个文件没有读取，请按下面的办法处理后再查。",
}


def result(answer: Answer) -> str:
    """What was found in an upload."""
    listed = "".join(
        f'<li><a href="#book-{number}">{escape(book.workbook.workbook)}</a> {_badge(book.workbook.status)}</li>'
        for number, book in enumerate(answer.books, 1)
    )
    several = f'<nav aria-label="各工作簿"><ul class="books">{listed}</ul></nav>' if len(answer.books) > 1 else ""
    parts = "\n".join(_book(number, book) for number, book in enumerate(answer.books, 1))
    again = '<p class="again"><a href="/">再查一本</a></p>'
    return page("检查结果", f"<h1>检查结果</h1>\n{several}\n{parts}\n{again}")


def _book(number: int, book: Book) -> str:
    about = book.workbook
    head = f'<h2 id="book-{number}">{escape(about.workbook)}</h2>'
    counts = "，".join(f"{word} {count}" for word, count in _counts(about))
    facts = "，".join(each for each in (about.department, f"{about.year} 年度" if about.year else "", counts) if each)
    lines = [head, f"<p>{_badge(about.status)} {escape(facts)}。{_NEXT[about.status]}</p>"]
    if book.copy is not None and book.findings:
        lines.append(_download(book))
    sheets: dict[str, list[Finding]] = {}
    for each in book.findings:
        sheets.setdefault(each.sheet, []).append(each)
    lines += [_sheet(about.workbook, title, found) for title, found in sheets.items()]
    return f'<section aria-labelledby="book-{number}">\n' + "\n".join(lines) + "\n</section>"


def _counts(book: Workbook) -> list[tuple[str, int]]:
    return [(each.word, count) for each, count in zip(Severity, (book.errors, book.warnings, book.infos), strict=True)]


def _badge(status: Status) -> str:
    return f'<strong class="status {status.mark}">{status.word}</strong>'


def copy_name(name: str) -> str:
    """What the marked copy of a workbook is called."""
    return f"标注-{name.rpartition('.')[0] or name}.xlsx"


def _download(book: Book) -> str:
    content = base64.b64encode(book.copy or b"").decode()
    name = escape(copy_name(book.workbook.workbook))
    return (
        f'<p class="download"><a class="button" download="{name}" href="data:{XLSX};base64,{content}">'
        "下载标好问题的工作簿</a> <span>点了没有反应的（旧浏览器），请回到自查页，用“检查并下载”。</span></p>"
    )


def _sheet(name: str, title: str, findings: Sequence[Finding]) -> str:
    """The findings of one sheet of a workbook as a table."""
    rows = "\n".join(map(_row, findings))
    caption = f"《{escape(title)}》" if title else "整本工作簿"
    return f"""<div class="scroll" role="region" aria-label="{escape(name)} {caption}的问题" tabindex="0">
<table class="findings"><caption>{caption}　{len(findings)} 处</caption>
<thead><tr><th scope="col">单元格</th><th scope="col">级别</th><th scope="col">问题</th>
<th scope="col">表上的数</th><th scope="col">应有的数</th><th scope="col">怎样改</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


def _row(finding: Finding) -> str:
    place = finding.cell or ("整张表" if finding.sheet else "整本")
    label = f"<br>{escape(finding.label)}" if finding.label else ""
    return (
        f'<tr><th scope="row">{escape(place)}{label}</th>'
        f'<td class="severity {finding.severity.value}">{finding.severity.word}<br><span>{escape(finding.rule)}</span></td>'
        f"<td>{escape(finding.statement)}</td>{_figure(finding.actual)}{_figure(finding.expected)}"
        f"<td>{escape(finding.fix)}</td></tr>"
    )


def _figure(figure: str) -> str:
    return f'<td class="figure">{escape(figure) or "—"}</td>'


def table(caption: str, headers: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names the row; cells are HTML already."""
    head = "".join(f'<th scope="col">{each}</th>' for each in headers)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{each}</td>" for each in rest)}</tr>' for first, *rest in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )
