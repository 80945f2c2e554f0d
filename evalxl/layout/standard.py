"""The workbook a department fills in, declared once.

Template, reader, value checks, cell addresses and the field handbook all derive from these sheets, and no other module
knows a cell address. Headers and labels are what departments have in their hands and do not change lightly; English keys
name the columns of the tables that the rules see.
"""

from __future__ import annotations

from evalxl.layout.shapes import Field, Line, Shape, Sheet
from evalxl.values.kinds import Kind

TEMPLATE_VERSION = "2026.1"
TITLE = "部门整体支出绩效自评"
LISTS = "列表"  # the template's hidden sheet of drop-down lists

INSTRUCTIONS = Sheet("instructions", "填报说明", Shape.TEXT, required=False)

GENERAL = Sheet(
    "general", "基本信息", Shape.FORM, aliases=("general", "封面", "部门基本信息", "基本情况", "部门信息"),
    note="一个部门一本；带 * 的栏目必填。",
    fields=(
        Field("department", "部门名称", required=True, aliases=("部门（单位）名称", "主管部门", "单位名称"), width=46,
              hint="与预算批复一致的全称，不写简称，不带编码。"),
        Field("code", "部门编码", aliases=("部门代码", "预算编码", "单位编码"), hint="预算管理一体化系统中的部门编码；没有可不填。"),
        Field("region", "所属地区", required=True, aliases=("地区", "行政区划", "区县"), hint="写到区县，如：石家庄市鹿泉区。"),
        Field("year", "评价年度", Kind.YEAR, required=True, aliases=("年度", "自评年度"),
              hint="被评价的预算年度，四位数字，如 2023（不是填报的年份）。"),
        Field("unit_count", "独立核算单位数", Kind.COUNT, aliases=("独立核算单位个数", "单位数"),
              hint="应与《单位》表所列行数相同。"),
        Field("money_unit", "金额单位", Kind.CHOICE, choices="money_unit",
              hint="整本工作簿只用一种；不选按万元处理。"),
        Field("score", "整体自评得分", Kind.SCORE, aliases=("自评得分", "总分", "部门整体得分"), hint="0 至 100 分，最多两位小数。"),
        Field("grade", "整体评价等级", Kind.CHOICE, aliases=("评价等级", "整体等级"), choices="grade",
              hint="按《填报说明》所列分数段，由得分确定。"),
        Field("preparer", "填报人", aliases=("填表人", "经办人"), hint="经办人姓名。"),
        Field("phone", "联系电话", aliases=("电话",), hint="办公电话，便于退回时联系。"),
        Field("date", "填报日期", Kind.DATE, aliases=("填表日期", "日期"), hint="如 2024-03-15。"),
        Field("head", "单位负责人", aliases=("负责人", "单位负责人签字"), hint="打印后由负责人签字，或填姓名。"),
    ),
)  # fmt: skip

UNITS = Sheet(
    "units", "单位", Shape.TABLE, room=40, name="name",
    aliases=("units", "独立核算单位", "单位情况", "单位基本情况", "单位表", "所属单位"),
    note="逐个列出纳入部门整体评价的独立核算单位，一个单位一行。",
    fields=(
        Field("index", "序号", Kind.TEXT, aliases=("编号",), width=6),
        Field("name", "单位名称", required=True, aliases=("单位", "独立核算单位名称", "核算单位"), width=40,
              hint="独立核算单位全称；本级写“部门名称（本级）”。"),
        Field("nature", "单位基本性质", Kind.CHOICE, required=True, aliases=("单位性质", "性质", "基本性质"), choices="nature",
              width=20, hint="从下拉列表选取。"),
        Field("funding", "经费形式", Kind.CHOICE, required=True, aliases=("经费来源形式", "经费保障方式", "经费供给方式", "经费性质"),
              choices="funding", width=28, hint="从下拉列表选取。"),
        Field("posts", "编制人数", Kind.COUNT, aliases=("编制数", "编制"), width=10, hint="核定编制数，整数。"),
        Field("staff", "在职人数", Kind.COUNT, aliases=("在职人员数", "在职"), width=10, hint="年末在职人数，整数。"),
    ),
)  # fmt: skip

BUDGET = Sheet(
    "budget", "预算", Shape.LINES, name="line", landscape=False,
    aliases=("budget", "收支预算", "收支预决算", "预决算", "收支情况", "收入支出", "预算表", "收支决算"),
    note="金额取自部门决算报表；没有发生额的项目填 0。灰色行是合计公式，请勿改写。",
    fields=(
        Field("line", "项目", aliases=("科目", "收支项目", "指标名称"), width=30),
        Field("initial", "年初预算数", Kind.AMOUNT, aliases=("年初预算",), width=15, hint="人大批准的年初部门预算数。"),
        Field("revised", "全年预算数", Kind.AMOUNT, aliases=("全年预算", "调整预算数", "调整后预算数"), width=15,
              hint="年初预算加全年追加、追减后的数。"),
        Field("final", "决算数", Kind.AMOUNT, required=True, aliases=("决算", "金额", "决算金额", "本年决算数", "全年执行数"), width=15,
              hint="部门决算报表数。"),
        Field("note", "备注", aliases=("说明",), width=26, hint="需要说明的事项。"),
    ),
    lines=(
        Line("appropriation", "财政拨款收入", ("财政拨款", "财政拨款预算收入")),
        Line("superior_grant", "上级补助收入", ("上级补助",)),
        Line("service_income", "事业收入", ("事业", "事业预算收入")),
        Line("business_income", "经营收入", ("事业单位经营收入",)),
        Line("affiliate_remittance", "附属单位上缴收入", ("附属单位缴款", "附属单位上缴")),
        Line("other_income", "其他收入", ("其他",)),
        Line("income_total", "本年收入合计", ("收入合计", "本年收入", "收入总额"), computed=True, hint="以上六项收入之和。"),
        Line("surplus_used", "使用非财政拨款结余", ("使用非财政拨款结余和专用结余", "用事业基金弥补收支差额", "使用非财政拨款结余（含专用结余）")),
        Line("opening", "年初结转和结余", ("上年结转", "上年结转和结余", "年初结转结余")),
        Line("income_grand", "收入总计", ("收入总计合计",), computed=True, hint="本年收入合计＋使用非财政拨款结余＋年初结转和结余。"),
        Line("basic", "基本支出"),
        Line("personnel", "其中：人员经费", ("人员支出",), detail=True, hint="工资福利支出、对个人和家庭的补助。"),
        Line("operating", "其中：公用经费", ("日常公用经费", "公用支出"), detail=True, hint="商品和服务支出、资本性支出等。"),
        Line("project", "项目支出", hint="应等于《项目》表全年执行数之和。"),
        Line("remittance", "上缴上级支出", ("上缴上级",)),
        Line("business", "经营支出", ("事业单位经营支出",)),
        Line("affiliate_grant", "对附属单位补助支出", ("对附属单位补助", "附属单位补助支出", "对附属单位的补助支出")),
        Line("expenditure_total", "本年支出合计", ("支出合计", "本年支出", "支出总额"), computed=True,
             hint="基本支出＋项目支出＋上缴上级支出＋经营支出＋对附属单位补助支出。"),
        Line("distribution", "结余分配"),
        Line("closing", "年末结转和结余", ("结转下年", "年末结转结余")),
        Line("expenditure_grand", "支出总计", ("支出总计合计",), computed=True, hint="本年支出合计＋结余分配＋年末结转和结余。"),
        Line("three_public", "三公经费合计", ("三公经费", "“三公”经费合计", "“三公”经费"), computed=True, hint="以下四项之和。"),
        Line("abroad", "因公出国（境）费", ("因公出国(境)费用", "因公出国费"), detail=True),
        Line("vehicle_purchase", "公务用车购置费", ("公务用车购置",), detail=True),
        Line("vehicle_running", "公务用车运行维护费", ("公务用车运行费", "公务用车运行维护"), detail=True),
        Line("reception", "公务接待费", ("公务接待",), detail=True),
        Line("procurement", "政府采购支出", ("政府采购",)),
    ),
)  # fmt: skip

PROJECTS = Sheet(
    "projects", "项目", Shape.TABLE, room=120, name="name", landscape=True,
    aliases=("projects", "项目支出", "项目自评", "项目绩效", "项目绩效自评", "项目得分", "项目表", "项目自评得分"),
    note="列出本部门全部项目支出，一个项目一行；执行率由公式计算。",
    fields=(
        Field("index", "序号", Kind.TEXT, aliases=("编号",), width=6),
        Field("name", "项目名称", required=True, aliases=("项目", "项目（专项）名称"), width=30, hint="与预算批复一致的项目名称。"),
        Field("code", "项目编码", aliases=("项目代码",), width=14, hint="预算管理一体化系统中的项目编码；没有可不填。"),
        Field("unit", "实施单位", aliases=("项目单位", "项目实施单位", "预算单位"), width=26, hint="应为《单位》表所列单位。"),
        Field("initial", "年初预算数", Kind.AMOUNT, aliases=("年初预算",), width=12, hint="年初批复的项目预算。"),
        Field("revised", "全年预算数", Kind.AMOUNT, aliases=("全年预算", "调整后预算数", "全年预算数A"), width=12,
              hint="含年中追加、追减和上年结转。"),
        Field("executed", "全年执行数", Kind.AMOUNT, aliases=("执行数", "全年执行", "实际支出", "全年执行数B"), width=12, hint="全年实际支付数。"),
        Field("rate", "执行率", Kind.RATE, aliases=("预算执行率", "执行率B/A"), computed=True, width=9, hint="全年执行数÷全年预算数，公式自动计算。"),
        Field("score", "自评得分", Kind.SCORE, required=True, aliases=("得分", "项目得分", "自评分"), width=9, hint="0 至 100 分，最多两位小数。"),
        Field("grade", "评价等级", Kind.CHOICE, aliases=("等级", "自评等级"), choices="grade", width=9, hint="按《填报说明》分数段，从下拉列表选取。"),
        Field("cause", "偏差原因", aliases=("主要偏差原因", "偏差原因分析", "未完成原因"), width=26, hint="执行率偏低或目标没有完成时必填。"),
        Field("measure", "改进措施", aliases=("整改措施",), width=26, hint="针对偏差原因的措施。"),
    ),
)  # fmt: skip

INDICATORS = Sheet(
    "indicators", "指标", Shape.TABLE, room=600, name="level3", landscape=True, required=False,
    aliases=("indicators", "绩效指标", "指标表", "绩效目标指标", "指标完成情况"),
    note="选填。项目名称留空表示部门整体指标；预算执行率也作为一行填列。",
    fields=(
        Field("project", "项目名称", aliases=("项目",), width=24, hint="与《项目》表名称一致；部门整体指标留空。"),
        Field("level1", "一级指标", width=14, hint="如：产出指标。"),
        Field("level2", "二级指标", width=20, hint="如：数量指标。"),
        Field("level3", "三级指标", aliases=("指标名称", "指标内容"), width=26, hint="具体指标名称。"),
        Field("direction", "指标性质", Kind.CHOICE, aliases=("指标方向", "性质"), choices="direction", width=10,
              hint="正向(≥)、反向(≤)、等于(=)、定性。"),
        Field("target", "年度指标值", aliases=("指标值", "目标值"), width=12, hint="如 ≥95%，或只写数值、单位另列。"),
        Field("measure_unit", "计量单位", aliases=("单位",), width=9, hint="如：次、人、%。"),
        Field("achieved", "实际完成值", aliases=("完成值", "实际值"), width=12, hint="全年实际完成的数值。"),
        Field("weight", "分值", Kind.SCORE, aliases=("权重",), width=8, hint="该指标满分。"),
        Field("points", "得分", Kind.SCORE, aliases=("自评得分",), width=8, hint="不超过分值。"),
        Field("cause", "偏差原因及改进措施", aliases=("偏差原因分析及改进措施", "偏差原因"), width=28, hint="未达目标时必填。"),
        Field("scoring", "评分标准", aliases=("赋分规则", "评价标准", "计分标准", "评分规则", "扣分标准", "评分办法"), width=28,
              hint="不按完成比例计分的写明，如：每少一期扣1分，扣完为止。"),
    ),
)  # fmt: skip

REVIEWERS = Sheet(
    "reviewers", "评价组", Shape.TABLE, room=30, name="name",
    aliases=("reviewers", "评价工作组", "评价工作组人员", "评价工作组人员名单", "评价人员", "评价小组"),
    note="自评工作组全体成员，一人一行；打印后签字。",
    fields=(
        Field("index", "序号", Kind.TEXT, aliases=("编号",), width=6),
        Field("name", "姓名", required=True, width=14, hint="成员姓名。"),
        Field("workplace", "工作单位", required=True, aliases=("单位", "所在单位"), width=32, hint="成员所在单位全称。"),
        Field("duty", "职务", required=True, width=18, hint="如：财务负责人。"),
        Field("title", "职称", width=18, hint="如：高级会计师；没有写“无”。"),
        Field("signature", "签字", aliases=("签名",), width=16, hint="打印后手写签字。"),
    ),
)  # fmt: skip

SCORE_DIGITS = 2  # the most decimals a score is typed with

NARRATIVE = Sheet(
    "narrative", "文字说明", Shape.FORM, aliases=("narrative", "文字部分", "情况说明", "自评报告"),
    note="每栏写一段或几段完整的话；同一格内换行请按 Alt+Enter。",
    fields=(
        Field("overview", "部门概况", aliases=("部门基本情况", "概况"), width=96, height=96,
              hint="主要职责、机构设置。"),
        Field("goals", "整体绩效目标", aliases=("绩效目标",), height=80, hint="年度总体目标和主要指标。"),
        Field("organisation", "自评组织", aliases=("自评组织情况", "组织情况"), height=64, hint="谁组织、何时开展、哪些单位参加。"),
        Field("methods", "自评方法和过程", aliases=("方法和过程", "自评过程"), height=64, hint="用了哪些方法，怎样复核。"),
        Field("achievement", "总体目标实现情况", aliases=("总体目标完成情况",), height=80, hint="对照整体绩效目标写完成情况。"),
        Field("details", "分项目标实现情况", aliases=("分项目标完成情况",), height=96, hint="逐项写完成情况，数字应与各表一致。"),
        Field("problems", "存在的问题", aliases=("问题",), height=64, hint="如实写；没有写“无”。"),
        Field("measures", "改进措施", aliases=("下一步改进措施", "措施"), height=64, hint="针对问题写措施。"),
    ),
)  # fmt: skip

SHEETS = (INSTRUCTIONS, GENERAL, UNITS, BUDGET, PROJECTS, INDICATORS, REVIEWERS, NARRATIVE)
AMOUNTS = ("initial", "revised", "final")  # the columns of the budget in which totals are reckoned
