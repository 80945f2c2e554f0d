"""Why a file is not read: a code, what the file is, and what to do about it, in the operator's words."""

from __future__ import annotations

from collections.abc import Sequence

from evalxl.intake.probe.limits import MAX_FILE, MAX_SHEETS, MAX_TEXT

_SAVE_AS = "请用 WPS 或 Excel 打开，另存为“Excel 工作簿 (*.xlsx)”后重报"
_SEND_TEMPLATE = "请报送填好的 Excel 模板（.xlsx）"
_SEND_AGAIN = "请重新保存原来的工作簿，再次报送"
_UNPACK = "请解压（右键“解压到当前文件夹”），把其中的工作簿放进收件夹，再移走压缩包"
_TAKE_CARE = "不要打开这个文件；请用模板重新填报后报送"

REFUSALS: dict[str, tuple[str, str]] = {
    # What lies in the inbox and is no file that could be read.
    "lock": ("是 Office/WPS 打开文件时留下的临时文件，不是工作簿", "请关闭正在编辑的工作簿并重新收取；此文件可删除"),
    "companion": ("是 macOS 附带产生的伴随文件，不是工作簿", "可以删除；请确认同名的工作簿已在收件夹里"),
    "special": ("不是普通文件", "请把工作簿本身复制到收件夹"),
    "shortcut": ("是快捷方式，不是工作簿本身", "请把工作簿本身复制到收件夹"),
    "dangling": ("是快捷链接，所指的文件不存在", "请把工作簿本身复制到收件夹"),
    "link": ("是指向别处的快捷链接，所指的文件随时可能改变", "请把工作簿本身复制到收件夹"),
    "unopenable": ("打不开（{0}）", "请检查文件是否完整、是否有权限，或重新收取"),
    "large": (f"超过 {MAX_FILE // 2**20} MB", "请用模板重新填报，不要插入图片或附件"),
    "empty": ("是空文件", "请重新报送"),
    # What it really is.
    "encrypted": ("已加密", "请取消打开密码后重报"),
    "protected": (
        "设有“保护工作簿”，.xls 的内容因此加了密",
        "请在 WPS 或 Excel 中撤销“保护工作簿”，或另存为“Excel 工作簿 (*.xlsx)”后重报",
    ),
    "word": ("是 Word 文档", "请报送填好的 Excel 模板；Word 报告另行报送"),
    "slides": ("是演示文稿（PPT）", _SEND_TEMPLATE),
    "pdf": ("是 PDF 文件", "请报送填好的 Excel 模板，不要报扫描件或 PDF"),
    "ofd": ("是 OFD 版式文件", "请报送填好的 Excel 模板，不要报扫描件或版式文件"),
    "image": ("是图片", "请报送填好的 Excel 模板，不要报扫描件或照片"),
    "archive": ("是压缩包，里面才是报送的文件", _UNPACK),
    "zip": ("是压缩包（{0}）", _UNPACK),
    "zip_encrypted": ("是加了密码的压缩包（{0}）", f"{_UNPACK}；不知道密码的，请报送单位重发"),
    "markup": ("是网页，不是 Excel 工作簿", _SAVE_AS),
    "mhtml": ("是单个文件网页（mht），不是 Excel 工作簿", _SAVE_AS),
    "xml": ("是 XML 文件，不是 Excel 工作簿", _SAVE_AS),
    "xml2003": ("是 XML 表格（2003），不是 Excel 工作簿", _SAVE_AS),
    "flat": ("是单个 XML 文件的开放文档表格（.fods），不是 Excel 工作簿", _SAVE_AS),
    "csv": ("是文本表格（CSV），不是 Excel 工作簿", _SAVE_AS),
    "json": ("是 JSON 数据，不是工作簿", _SEND_TEMPLATE),
    "text": ("是纯文本，不是工作簿", _SEND_TEMPLATE),
    "binary": ("是二进制工作簿（.xlsb）", _SAVE_AS),
    "foreign": ("不是 Excel 工作簿", _SEND_TEMPLATE),
    # Known only once its cells are read.
    "own": ("是本程序的输出（{0}），不是报送件", "请移出收件夹；报送的应是部门填好的工作簿"),
    "blank": ("是空白模板，什么也没有填", "请报送填好的工作簿；多余的空白模板请移出收件夹"),
    "form": (
        "是{0}，不是填报模板",
        "请用 evalxl import 把这个部门的自评表读入模板（evalxl import 文件夹 --out 工作簿.xlsx），核对后报送",
    ),
    "stranger": ("不是自评工作簿，里面是{0}", "请用模板填好后报送；放错了的，移出收件夹"),
    "answer": ("是财政局发出的问题清单，不是工作簿", "其中的说明已读入；工作簿有改动的，请一并报回"),
    # A workbook that cannot be read, or not safely.
    "sheetless": ("里没有填写数据的工作表", _SEND_TEMPLATE),
    "sheets": (f"有 {MAX_SHEETS} 张以上的工作表", "请用模板重新填报，一个部门一份"),
    "damaged": ("已损坏，内容不完整", _SEND_AGAIN),
    "unreadable": ("内容有错，无法读取", _SAVE_AS),
    "packing": ("压缩方式特殊，无法读取", _SAVE_AS),
    "extent": (
        "的工作表“{0}”铺到了第 {1} 行或很远的列，无法安全读取",
        "请删除数据区以外的行和列（选中后右键删除），保存后重报",
    ),
    "merges": ("的工作表“{0}”有过多合并的单元格，无法安全读取", "请取消合并，或用模板重新填报"),
    "text_length": (f"有一格超过 {MAX_TEXT} 字，表格软件存不下", "请把这一格的文字缩短后重报"),
    "bomb": ("解压后过大，无法安全读取", "请删除多余的数据和图片后重报；来历不明的，不要打开"),
    "hostile": ("内有表格软件不会写出的内容，可能是恶意文件", _TAKE_CARE),
    "duplicate": ("内有重名的部件，可能是恶意文件", _TAKE_CARE),
    "slow": ("内容过多，在限定的时间和内存内读不完", "请用模板重新填报"),
    "changed": ("在处理过程中被改动或移走", "请确认没有人在改它，再重新运行"),
    "fatal": ("使读取程序中止，可能已损坏或含有恶意内容", "请用模板重新填报"),
}

# What whoever runs the program does away with; the department cannot help it.
OPERATORS = frozenset((
    "special", "shortcut", "dangling", "link", "unopenable", "archive", "zip", "zip_encrypted", "form", "stranger",
    "changed",
))  # fmt: skip


class Unreadable(Exception):
    """A file that is not read; the code says of what kind, the message what it is and what to do about it."""

    def __init__(self, code: str, found: str, remedy: str) -> None:
        super().__init__(code, found, remedy)
        self.code, self.found, self.remedy = code, found, remedy

    def __str__(self) -> str:
        return self.found


def refusal(code: str, *details: object) -> Unreadable:
    """The refusal of a code, with the details its sentence names."""
    found, remedy = REFUSALS[code]
    return Unreadable(code, found.format(*details), remedy)


def stranger(titles: Sequence[str]) -> Unreadable:
    """The refusal of a workbook that has none of the sheets that are asked for; what it has is named in short."""
    named = "、".join(f"《{each[:31]}》" for each in titles[:3])
    return refusal("stranger", f"{named}等 {len(titles)} 张表" if len(titles) > 3 else named)


def too_far(title: str, rows: int) -> Unreadable:
    """The refusal of a sheet that reaches too far; a sender's name for it is shown no longer than Excel allows."""
    return refusal("extent", title[:31], rows)
