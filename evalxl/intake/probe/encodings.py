"""XML in whatever encoding a program chose, as UTF-8: the searches and the value reader know no other."""

from __future__ import annotations

import codecs
import re

_DECLARATION = re.compile(rb"\s*<\?xml\s[^<>]*?\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']\s*([\w.:-]{1,40})")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF_8 = {"utf-8", "ascii"}
# What office programs write, or what a server's locale was. Python has codecs that are no alphabets, and slow ones.
_KNOWN = re.compile(
    r"gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|cp932|euc_kr|euc_jp|cp949|iso8859-\d{1,2}|cp125\d|koi8-r"
)
_HEAD = 200  # bytes in which a declaration ends


def as_utf8(content: bytes) -> bytes:
    """A part as UTF-8, itself where it is so already; LookupError or ValueError where it is not what it says."""
    head = content[:_HEAD]
    if b"\x00" not in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        declared = _ENCODING.search(head) if head.startswith((b"<?xml", b"\xef\xbb\xbf<?xml")) else None
        if declared is None or declared[1] in (b"UTF-8", b"utf-8"):
            return content
    return _without_declaration(_transcoded(content))


def _transcoded(content: bytes) -> bytes:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding).encode()
    if b"\x00" in content[:_HEAD]:  # two bytes a character, and the first character is "<"
        return content.decode("utf-16-be" if content.startswith(b"\x00") else "utf-16-le").encode()
    declared = _ENCODING.search(content[:_HEAD])
    encoding = codecs.lookup(declared[1].decode("ascii")).name if declared else "utf-8"
    if encoding in _UTF_8 or encoding.startswith("utf-16"):  # written from a string that was said to be UTF-16
        return content
    if not _KNOWN.fullmatch(encoding):
        raise LookupError(encoding)
    # GB 2312 in a declaration means whatever the machine wrote: its later extensions read it too.
    return content.decode("gb18030" if encoding in ("gb2312", "gbk") else encoding).encode()


def _without_declaration(content: bytes) -> bytes:
    """A part without its XML declaration, which would still name the old encoding."""
    match = _DECLARATION.match(content[: 2 * _HEAD])
    return content[match.end() :] if match else content
