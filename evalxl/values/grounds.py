"""Whether words give a ground: a reason, a remark or an explanation that says nothing stands for none."""

from __future__ import annotations

import re

from evalxl.values.folding import plain

_NOTHING = re.compile(
    r"\(?(?:本部门|我[局委办院部]|目前|本年度?)?(?:暂时?|尚|均|基本上?)?(?:无|没有|没有发现|未发现|不存在)"
    r"(?:重大|较大|明显|突出|任何|其他|什么)?(?:的?问题|不足|困难)?(?:和?不足)?\)?"
)
_IDLE = "无暂-—/\\*0.。、 "
# That it is so is no ground for its being so.
_ASSENT = re.compile(r"(?:情况|数据|以上)?(?:已)?(?:属实|核实|核对|知悉|确认|无误|同意|收到)(?:无误)?")


def says_nothing(text: str) -> bool:
    """Whether a section says that there is nothing to say: 无, 暂无, 不存在问题."""
    return bool(_NOTHING.fullmatch(plain(text).strip("。., ")))


def explains(text: str) -> bool:
    """Whether a remark or a reason says anything at all: a dash, 无, 没有问题 or N/A does not."""
    bare = text.strip(_IDLE)
    return bool(bare) and not says_nothing(bare) and bare.casefold() not in ("n/a", "na")


def answers(text: str) -> bool:
    """Whether an explanation gives a ground: that it is so (情况属实) does not."""
    return explains(text) and not _ASSENT.fullmatch(plain(text).strip("。., !"))
