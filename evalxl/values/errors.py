"""What stops a command, each in the one sentence that the operator reads."""

from __future__ import annotations

import errno

from evalxl.values.folding import clean


class UsageError(Exception):
    """The command was used wrongly (exit code 2); the message is the one sentence the operator reads.

    What it repeats of a file or a call may be anything: it moves no terminal, and fills none.
    """

    def __init__(self, sentence: str = "") -> None:
        line = " ".join(clean(sentence).replace("\t", " ").splitlines())
        super().__init__(line if len(line) <= _MOST else f"{line[:_HEAD]}…{line[_HEAD - _MOST :]}")


_MOST, _HEAD = 900, 600  # characters of a sentence, and of its beginning where its middle is left out


_CAUSES = {
    errno.ENOENT: "不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EADDRINUSE: "已被占用",
    errno.EEXIST: "被同名的文件占用",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENOTEMPTY: "被同名的文件夹占用",
    errno.ENOSPC: "磁盘空间不足",
    errno.EFBIG: "文件太大，磁盘放不下",
    errno.EXDEV: "不在同一个磁盘上",
    errno.EBUSY: "正被别的程序占用",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接循环",
    errno.EIO: "磁盘读写出错",
}


def cause(error: OSError) -> str:
    """Why the system would not read or write a file, in words an operator knows."""
    return _CAUSES.get(error.errno or 0, error.strerror or "原因不明")


class RuleBug(Exception):
    """A rule raised: a bug of evalxl (exit code 4), for grades computed without a rule would be silently wrong."""
