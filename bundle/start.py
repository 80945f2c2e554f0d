"""What the start files of the Windows folder run: asks for what was not dropped on them, and keeps the window open."""

from __future__ import annotations

import sys
from pathlib import Path

ASKED = {
    "check": "请把要检查的工作簿（或装有工作簿的文件夹）拖到这个窗口里，然后按回车：",
    "run": "请把装有各部门工作簿的文件夹拖到这个窗口里，然后按回车：",
    "desk": "请把放着收件夹的文件夹拖到这个窗口里，然后按回车（直接回车，就用 evalxl 旁边的）：",
}
RESULTS = "核对结果"  # the outbox, beside the inbox


def arguments(command: str, dropped: list[str]) -> list[str]:
    """The command line for what was dropped or typed; for a run, the results go beside the inbox.

    The desk shows the inboxes of the folder that was dropped, or of the one that this folder was unpacked into.
    """
    if command == "desk":
        return ["serve", dropped[0] if dropped else str(Path(__file__).resolve().parent.parent), "--open"]
    if command != "run" or len(dropped) != 1:
        return [command, *dropped]
    inbox = Path(dropped[0]).resolve()
    return [command, str(inbox), str(inbox.parent / f"{inbox.name}-{RESULTS}")]


def main() -> int:
    """Ask, run the command, say where the results are, and wait for a key."""
    from evalxl.__main__ import start

    command, *dropped = sys.argv[1:]
    dropped = dropped or [typed for typed in [input(ASKED[command]).strip().strip('"')] if typed]
    words = arguments(command, dropped)
    sys.argv = ["evalxl", *words]
    code: object = 0
    try:
        start()
    except SystemExit as end:
        code = end.code
    if command == "run" and len(dropped) == 1 and code in (0, 1, 3):
        sys.stdout.write(f"\n结果在文件夹：{words[2]}\n请打开其中的 汇总表.xlsx。\n")
    if sys.stdin is not None and sys.stdin.isatty():
        input("\n按回车键关闭这个窗口。")
    return code if isinstance(code, int) else 1


if __name__ == "__main__":
    sys.exit(main())
