"""Which column of which sheet of the summary is the sum, mean or rate of what: data for whoever adds it again."""

from __future__ import annotations

Key = tuple[str, ...]  # what is added: the table and its column, of a budget line also which

_SPENT = ("budget", "expenditure_total")
# The totals of each sheet: header → how to read it, and what is added again.
TOTALS: dict[str, dict[str, tuple[str, Key]]] = {
    "部门汇总": {
        "本年收入合计": ("amount", ("budget", "income_total", "final")),
        "本年支出合计": ("amount", (*_SPENT, "final")),
        "其中：项目支出": ("amount", ("budget", "project", "final")),
        "全年支出预算": ("amount", (*_SPENT, "revised")),
        "三公经费": ("amount", ("budget", "three_public", "final")),
        "预算完成率": ("rate", ("rate", "budget")),
        "单位数": ("count", ("rows", "units")),
        "编制人数": ("count", ("units", "posts")),
        "在职人数": ("count", ("units", "staff")),
        "应评项目": ("count", ("rows", "projects")),
        "已评项目": ("count", ("scored", "projects")),
        "应评金额": ("amount", ("projects", "revised")),
        "已评金额": ("amount", ("scored", "revised")),
        "项目数": ("count", ("rows", "projects")),
        "整体自评得分": ("score", ("mean", "general")),
        "错误": ("count", ("findings", "error")),
        "提醒": ("count", ("findings", "warning")),
        "提示": ("count", ("findings", "info")),
    },
    "项目汇总": {
        "年初预算数": ("amount", ("projects", "initial")),
        "全年预算数": ("amount", ("projects", "revised")),
        "全年执行数": ("amount", ("projects", "executed")),
        "执行率": ("rate", ("rate", "projects")),
        "自评得分": ("score", ("mean", "projects")),
    },
}
ROWS = {"项目汇总": "projects", "指标汇总": "indicators", "问题清单": "findings"}
