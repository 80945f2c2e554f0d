"""Twelve honest departments, each in another situation, as their accountants would fill in the template.

Nothing here is written for the rules' sake: where a rule speaks about one of them, the rule is to be mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evalxl.layout import BUDGET, GENERAL, INDICATORS, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, template_cell

Cells = dict[str, object]

# What the finance bureau's notice says, and what many departments repeat of it.
NOTICE = (
    "按照区财政局《关于开展2023年度部门整体支出绩效自评工作的通知》要求，成立由主要负责人任组长、分管负责人任副组长、各科室负责人为成员的"
    "自评工作小组，制定工作方案，明确职责分工，于2024年2月至3月组织各单位开展自评，并对自评结果进行了汇总和审核。"
)


@dataclass(frozen=True)
class Unit:
    """An accounting unit as the sheet 单位 lists it."""

    name: str
    posts: int
    staff: int
    nature: str = "行政单位"
    funding: str = "财政拨款"


@dataclass(frozen=True)
class Project:
    """A project with its amounts in 万元; ``indicators`` as (level 1, 2, 3, direction, target, unit, actual, weight, points, cause)."""

    name: str
    revised: float
    executed: float
    score: float
    initial: float | None = None
    cause: str = ""
    measure: str = ""
    unit: int = 0
    indicators: Sequence[tuple[object, ...]] = ()


@dataclass(frozen=True)
class Department:
    """Everything that one department fills in; amounts in 万元, written in ``money_unit``."""

    name: str
    code: str
    units: Sequence[Unit]
    basic: tuple[float, float]  # personnel, operating
    projects: Sequence[Project]
    score: float
    narrative: dict[str, str]
    opening: float = 0.0
    money_unit: str = "万元"
    others: dict[str, float] = field(default_factory=dict)  # further lines of the budget
    title: str = "无"
    date: str = "2024-03-12"

    @property
    def cells(self) -> Cells:
        """The department's entries by cell of the template."""
        cells: Cells = {}
        grade = _grade(self.score)
        general = {
            "department": self.name, "code": self.code, "region": "石家庄市示范区", "year": 2023, "unit_count": len(self.units),
            "money_unit": self.money_unit, "score": self.score, "grade": grade, "preparer": "王会计", "phone": "0311-82010000",
            "date": self.date, "head": "李局长",
        }  # fmt: skip
        _put(cells, GENERAL, 0, general)
        for row, unit in enumerate(self.units, UNITS.FIRST_ROW):
            _put(
                cells,
                UNITS,
                row,
                {
                    "name": unit.name,
                    "nature": unit.nature,
                    "funding": unit.funding,
                    "posts": unit.posts,
                    "staff": unit.staff,
                },
            )
        self._budget(cells)
        self._projects(cells)
        people = (("王会计", "办公室主任"), ("赵海", "财务负责人"), ("孙丽", "业务科科长"))
        for row, (name, duty) in enumerate(people, REVIEWERS.FIRST_ROW):
            _put(
                cells,
                REVIEWERS,
                row,
                {"name": name, "workplace": self.name, "duty": duty, "title": self.title, "signature": "已签"},
            )
        _put(cells, NARRATIVE, 0, self.narrative)
        return cells

    def _amount(self, value: float) -> float:
        return round(value * 10_000, 2) if self.money_unit == "元" else value

    def _budget(self, cells: Cells) -> None:
        personnel, operating = self.basic
        project = round(sum(each.executed for each in self.projects), 2)
        budgeted = round(sum(each.revised for each in self.projects), 2)
        planned = round(sum(each.revised if each.initial is None else each.initial for each in self.projects), 2)
        basic = round(personnel + operating, 2)
        extra = round(sum(value for key, value in self.others.items() if key in ("service_income", "other_income")), 2)
        by_column = {
            "initial": (planned, 0.0), "revised": (budgeted, self.opening), "final": (project, self.opening),
        }  # fmt: skip
        for column, (projects, opening) in by_column.items():
            spent = round(basic + projects, 2)
            closing = 0.0 if column != "final" else round(budgeted - project, 2)
            amounts = {
                "appropriation": round(spent - opening - extra + closing, 2), "opening": opening, "basic": basic,
                "personnel": personnel, "operating": operating, "project": projects, "closing": closing,
            } | self.others  # fmt: skip
            for line in BUDGET.lines:
                if not line.computed:
                    cells[f"{BUDGET.title}!{template_cell(BUDGET, column, line.key)}"] = self._amount(
                        amounts.get(line.key, 0.0)
                    )

    def _projects(self, cells: Cells) -> None:
        at = INDICATORS.FIRST_ROW
        for row, each in enumerate(self.projects, PROJECTS.FIRST_ROW):
            record = {
                "name": each.name, "code": f"{self.code}{row:03}", "unit": self.units[each.unit].name,
                "initial": self._amount(each.revised if each.initial is None else each.initial),
                "revised": self._amount(each.revised), "executed": self._amount(each.executed),
                "score": each.score, "grade": _grade(each.score), "cause": each.cause or None, "measure": each.measure or None,
            }  # fmt: skip
            _put(cells, PROJECTS, row, record)
            for indicator in each.indicators:
                keys = (
                    "level1",
                    "level2",
                    "level3",
                    "direction",
                    "target",
                    "measure_unit",
                    "achieved",
                    "weight",
                    "points",
                    "cause",
                )
                _put(cells, INDICATORS, at, {"project": each.name} | dict(zip(keys, indicator, strict=False)))
                at += 1


def _grade(score: float) -> str:
    return "优秀" if score >= 85 else "良好" if score >= 75 else "一般" if score >= 60 else "较差"


def _put(cells: Cells, sheet: Sheet, row: int, record: Mapping[str, object]) -> None:
    for key, value in record.items():
        if value is not None:
            cells[f"{sheet.title}!{template_cell(sheet, key, row)}"] = value


def _text(*texts: str) -> dict[str, str]:
    return dict(zip(NARRATIVE.by_key, texts, strict=True))


def departments() -> Iterable[Department]:
    """The twelve."""
    yield small_office()
    yield health_bureau()
    yield in_yuan()
    yield good_scores()
    yield one_poor_project()
    yield basic_only()
    yield new_department()
    yield step_standards()
    yield deductions()
    yield notice_words()
    yield after_a_reform()
    yield satisfaction_by_intervals()


def small_office() -> Department:
    return Department(
        "示范区档案馆", "361001", [Unit("示范区档案馆", 9, 8, "参公事业单位")], (128.6, 11.4),
        [Project("档案数字化", 30, 29.4, 93.5)], 93.5,
        _text(
            "示范区档案馆负责全区档案的接收、保管和利用，核定编制9名，年末在职8人，内设两个科室。",
            "全年完成馆藏档案数字化12万页，接待查档不少于800人次，档案安全保管无事故。",
            "由馆长牵头，财务和业务人员共三人组成自评小组，2024年3月上旬完成。",
            "对照年初申报的绩效目标逐条核对完成情况，查阅数字化项目的验收单和支付凭证。",
            "全年档案安全无事故，数字化和查档服务均达到年初目标，群众对查档服务满意。",
            "全年数字化12.3万页，接待查档866人次，数字化项目支出29.40万元，执行率98.00%。",
            "无。",
            "无。",
        ),
    )  # fmt: skip


def health_bureau() -> Department:
    names = (
        "乡镇卫生院能力提升",
        "基本公共卫生服务",
        "疫苗接种",
        "妇幼健康",
        "慢性病管理",
        "老年人体检",
        "急救体系",
        "医师培训",
        "健康宣传",
        "疾控实验室",
    )
    places = ("东部片区", "西部片区", "北部片区", "南部片区", "城区", "开发区")
    projects = [
        Project(
            f"{place}{name}",
            20.0 + 3 * number,
            round((20.0 + 3 * number) * 0.97, 2),
            88.0 + number % 9,
            initial=20.0 + 3 * number - (number % 4),
        )
        for number, (place, name) in enumerate((place, name) for place in places for name in names)
    ]
    total = sum(each.revised for each in projects)
    spent = round(sum(each.executed for each in projects), 2)
    return Department(
        "示范区卫生健康局", "362001",
        [Unit("示范区卫生健康局（本级）", 46, 43), Unit("示范区疾病预防控制中心", 60, 55, "财政补助事业单位", "财政性资金基本保证"),
         Unit("示范区妇幼保健院", 80, 77, "财政补助事业单位", "财政性资金定额或定项补助")],
        (2310.55, 148.2), projects, 91.2,
        _text(
            "主管全区医疗卫生、公共卫生和老龄健康工作，下设疾病预防控制中心和妇幼保健院两个独立核算单位，共有3个独立核算单位。",
            "提高基层医疗服务能力，适龄儿童免疫规划疫苗接种率保持在95%以上，孕产妇系统管理率不低于92%，居民健康档案动态使用率逐年提高。",
            "局党组专题研究，分管财务的副局长负责，规财科汇总，各业务科室和两个直属单位分别自评，3月5日前报送材料，3月11日前汇总。",
            "将60个项目按业务条线分组，逐组核对绩效目标、资金支付和验收资料，并从中抽取12个重点项目到乡镇卫生院实地查看。",
            f"年度目标总体完成，全年项目预算{total:.0f}万元，支出{spent:.2f}万元，预算执行率{spent / total:.2%}，疫苗接种率和孕产妇管理率均超过目标。",
            "全区适龄儿童疫苗接种率97.6%，孕产妇系统管理率94.1%，老年人体检3.2万人，比2022年的2.9万人增长10.3%；培训医师460人次，急救站平均出车时间2分50秒。",
            "少数乡镇卫生院信息化水平不高，部分项目上半年支付较慢，个别指标与业务工作的衔接有待加强。",
            "统一信息系统，分季度下达支付计划，会同医保部门优化指标，把自评结果作为2024年预算安排的参考。",
        ),
        others={"service_income": 320.0},
    )  # fmt: skip


def in_yuan() -> Department:
    return Department(
        "示范区司法局", "363001", [Unit("示范区司法局（本级）", 38, 36), Unit("示范区法律援助中心", 8, 8, "财政补助事业单位", "财政性资金基本保证")],
        (612.35, 40.12),
        [Project("人民调解经费", 42.8, 42.1, 90), Project("法律援助办案补贴", 36, 35.5, 92, unit=1), Project("社区矫正工作经费", 25.6, 24.9, 89.5)],
        90.4,
        _text(
            "负责全区人民调解、法律援助、社区矫正和行政复议工作，有局机关和法律援助中心两个独立核算单位，编制46名，在职44人。",
            "调解成功率98%以上，法律援助应援尽援，社区矫正对象重新犯罪率控制在0.2%以内，普法活动覆盖全部行政村。",
            "办公室牵头，计财科和三个业务科室各出一人，2月下旬布置，3月上旬完成初稿，经局长办公会审定。",
            "采用目标比较法，按指标逐项打分，调解和援助案件按卷宗数核实，矫正对象数与系统数据核对。",
            "各项年度任务如期完成，项目支出1025000元，调解成功率、援助满意率都高于目标，没有发生重大执法过错。",
            "全年调解纠纷1286件，成功1268件，成功率98.6%；办理援助案件412件；在册矫正对象174人，无重新犯罪。",
            "村级调解员队伍年龄偏大，法律援助案件补贴标准多年未调整。",
            "每年培训两批村级调解员，商区财政局研究补贴标准，完善案件质量评查。",
        ),
        money_unit="元",
    )  # fmt: skip


def good_scores() -> Department:
    return Department(
        "示范区住房和城乡建设局", "364001", [Unit("示范区住房和城乡建设局（本级）", 52, 50)], (980.4, 63.5),
        [Project("老旧小区改造", 860, 820.5, 86), Project("农村危房改造", 120, 118.2, 95), Project("市政道路养护", 300, 296.4, 91.2), Project("建筑工地扬尘治理", 45, 44.1, 88.6)],
        89.6,
        _text(
            "承担住房保障、城市建设管理、建筑业监管等职责，内设八个科室。",
            "改造老旧小区14个，完成农村危房改造60户，主次干道完好率95%以上，工地扬尘在线监测全覆盖。",
            "局绩效工作专班负责，计划财务科具体承办，各项目责任科室参与，自3月1日起用两周时间完成。",
            "收集合同、监理报告、支付凭证，按绩效指标体系打分，对老旧小区改造入户发放问卷200份，收回186份。",
            "住房保障和市政建设任务完成较好，年初确定的主要指标都已完成，居民对改造小区的满意率达到92%。",
            "老旧小区改造14个，惠及居民3420户；农村危房改造60户全部竣工入住；养护道路48公里，道路完好率96.3%。",
            "老旧小区改造前期征求居民意见时间较长，个别小区第四季度才完工，尾款支付略晚。",
            "改造项目提前半年启动意见征集，工程款按进度支付，建立居民代表参与机制。",
        ),
    )  # fmt: skip


def one_poor_project() -> Department:
    return Department(
        "示范区交通运输局", "365001", [Unit("示范区交通运输局（本级）", 40, 39)], (720.1, 52.3),
        [Project("农村公路养护", 400, 396, 94), Project("公交场站建设", 200, 118, 70, cause="征地手续办理较慢，主体工程推迟到9月开工，跨年实施",
                 measure="倒排工期，专人跟进用地手续，2024年6月底前完工"), Project("路政执法装备", 30, 29.5, 92)],
        86.5,
        _text(
            "负责全区公路建设养护、道路运输管理和路政执法，设有七个股室。",
            "列养农村公路优良路率88%以上，新建公交首末站1处，超限率控制在1%以内。",
            "局长任自评组长，财审股会同养护、运输两股开展，先由责任股室自查，再集体会审。",
            "运用因素分析法和比较法，现场查看公交场站工程进度，抽查养护台账30份，复核资金支付明细。",
            "农村公路养护和路政执法达到目标，公交场站建设没有按期完成，年度总体目标基本实现。",
            "养护农村公路612公里，优良路率90.2%；公交场站完成主体结构，资金支付118万元，为预算的59%；购置执法装备11台套。",
            "公交场站建设受征地影响进度滞后，当年预算没有用完。",
            "对跨年度工程按工期编制分年预算，加强前期手续的督办。",
        ),
    )  # fmt: skip


def basic_only() -> Department:
    return Department(
        "示范区工商业联合会", "366001", [Unit("示范区工商业联合会", 6, 6, "参公事业单位")], (96.2, 7.8), [], 92,
        _text(
            "团结服务全区民营企业和商会组织，反映企业诉求，参与协调劳动关系。",
            "走访企业不少于100家次，组织银企对接活动4次，办理企业诉求及时率100%。",
            "秘书长主持，办公室和会员科参加，当年无项目支出，自评围绕基本支出和履职情况展开。",
            "对照年度工作要点逐项检查，查阅走访记录和诉求办理台账，请20家会员企业打分。",
            "年度工作要点中的任务都已完成，会员企业对服务评价较高，机关运转正常，厉行节约。",
            "走访企业126家次，举办银企对接4次，达成意向贷款5600万元；办理诉求38件，全部按时答复。",
            "服务手段比较单一，线上平台用得不多。",
            "开通会员服务小程序，推广线上诉求办理。",
        ),
    )  # fmt: skip


def new_department() -> Department:
    return Department(
        "示范区数据和政务服务局", "367001", [Unit("示范区数据和政务服务局", 20, 16)], (205.7, 30.2),
        [Project("政务大厅运行", 88, 84.6, 90.5, initial=0), Project("数据共享平台", 150, 142, 88, initial=0)], 89,
        _text(
            "2023年6月新组建，负责政务服务、数据资源管理和电子政务，现有人员由原行政审批局、大数据中心转隶。",
            "政务服务事项网上可办率达到95%，跨部门数据共享接口不少于60个，群众平均等待时间不超过15分钟。",
            "因机构新组建，年初未单独编制预算，自评由综合科牵头，以调整后的预算和当年批复的绩效目标为依据。",
            "采用比较法和公众评判法，从叫号系统导出等待时间，从共享平台导出接口数，并对大厅办事群众随机访问150人。",
            "组建以来机构运转平稳，政务服务和数据共享两项重点任务达到目标，没有出现信息安全事件。",
            "网上可办率96.8%，开通共享接口71个，群众平均等待11分钟，访问群众满意率97.3%；全年支出462.5万元，均为年中划转和追加的预算。",
            "新老系统并行，部分数据口径不统一，运维队伍还在磨合。",
            "统一数据标准，建立月度运维例会，分批停用旧系统。",
        ),
    )  # fmt: skip


def step_standards() -> Department:
    indicators = (
        (
            "预算执行率",
            None,
            "预算执行率（≥90%得10分，80%—90%得8分，60%—80%得6分，低于60%不得分）",
            "正向(≥)",
            "90%",
            "%",
            "86%",
            10,
            8,
            "验收推迟，尾款次年支付",
        ),
        (
            "产出指标",
            "数量指标",
            "安装路灯数（完成90%以上得满分，80%—90%得8成）",
            "正向(≥)",
            "500",
            "盏",
            "460",
            40,
            40,
        ),
        ("产出指标", "质量指标", "亮灯率", "正向(≥)", "98%", "%", "98.6%", 20, 20),
        ("效益指标", "社会效益指标", "受益村庄", "正向(≥)", "40", "个", "42", 20, 20),
        ("满意度指标", "服务对象满意度指标", "村民满意度", "正向(≥)", "90%", "%", "93%", 10, 10),
    )
    return Department(
        "示范区农业农村局", "368001", [Unit("示范区农业农村局", 44, 41)], (801.3, 44.4),
        [Project("美丽乡村路灯", 100, 86, 98, indicators=indicators, cause="验收推迟，尾款次年支付", measure="提前安排验收"),
         Project("农产品质量检测", 60, 59.2, 95)], 94,
        _text(
            "指导全区种植业、畜牧业和乡村建设，承担农产品质量安全监管。",
            "新增路灯500盏，农产品抽检合格率98%以上，受益村不少于40个。",
            "成立由局长任组长的领导小组，计财股汇总，项目股逐村核对，三月中旬定稿。",
            "评分标准按区里的分档办法执行：执行率和产出数量分档计分，其余指标达到目标得满分。",
            "路灯和检测两个项目达到主要目标，村民对亮化工程满意。",
            "安装路灯460盏，为计划的92%；亮灯率98.6%；抽检农产品1500批次，合格率99.1%。",
            "美丽乡村路灯验收推迟，尾款没有在年内支付。",
            "提前组织验收，随工程进度支付。",
        ),
    )  # fmt: skip


def deductions() -> Department:
    indicators = (
        ("预算执行率", None, "预算执行率", "正向(≥)", "100%", "%", "97%", 10, 9.7),
        (
            "产出指标",
            "数量指标",
            "举办培训班（每少一期扣1分，扣完为止）",
            "正向(≥)",
            "12",
            "期",
            "10",
            40,
            38,
            "两期因场地维修并入其他批次",
        ),
        (
            "产出指标",
            "质量指标",
            "学员结业率（每低1个百分点扣0.5分）",
            "正向(≥)",
            "95%",
            "%",
            "93%",
            20,
            19,
            "少数学员中途调岗",
        ),
        ("效益指标", "社会效益指标", "学员返岗履职评价", "定性", "良好", None, "良好", 20, 20),
        ("满意度指标", "服务对象满意度指标", "学员满意度", "正向(≥)", "90%", "%", "96%", 10, 10),
    )
    return Department(
        "中共示范区委党校", "369001", [Unit("中共示范区委党校", 18, 17, "参公事业单位")], (266.9, 15.5),
        [Project("主体班培训", 50, 48.5, 96.7, indicators=indicators)], 96.7,
        _text(
            "承担全区干部教育培训任务，设教务、科研、总务三个科。",
            "举办主体班12期，学员结业率95%以上，学员满意度90%以上。",
            "校委会统一领导，总务科和教务科共同完成，班主任提供学员资料。",
            "按扣分制评分：每少办一期扣1分，结业率每低1个百分点扣0.5分，其余达标得满分。",
            "培训任务基本完成，培训质量稳定，学员和派出单位反映良好。",
            "全年办班10期，培训干部860人，结业率93%，学员满意度96%；项目支出48.5万元，执行率97%。",
            "两期培训班因场地维修没有单独举办，场地保障需要加强。",
            "与职教中心签订备用场地协议，年初排定全年班次。",
        ),
    )  # fmt: skip


def notice_words() -> Department:
    return Department(
        "示范区水利局", "370001", [Unit("示范区水利局", 35, 33)], (598.8, 37.2),
        [Project("河道清障", 75, 74.1, 93), Project("小型水库维修", 90, 87.7, 90)], 91.5,
        _text(
            "负责全区水资源管理、防汛抗旱和农村供水，管理小型水库六座。",
            "水库安全度汛，河道清障30公里，农村供水保证率98%以上。",
            NOTICE,
            "对照绩效目标申报表逐项核对，到四座水库和两条河道现场查看，走访用水户60户。",
            "全年水库安全度汛，清障和维修任务完成，供水保证率达到目标。",
            "河道清障31.5公里，维修小型水库三座，农村供水保证率98.4%，两个项目共支出161.8万元。",
            "水库巡查人员不足，清障后的长效管护还不到位。",
            "招聘巡查协管员六名，把河道管护纳入村级考核。",
        ),
    )  # fmt: skip


def after_a_reform() -> Department:
    return Department(
        "示范区文化广电体育和旅游局", "371001",
        [Unit("示范区文化广电体育和旅游局（本级）", 36, 34), Unit("示范区文化馆", 15, 14, "财政补助事业单位", "财政性资金基本保证")],
        (655.2, 41.9), [Project("文化惠民演出", 64, 63.2, 92), Project("体育场馆开放补助", 48, 47.6, 94, unit=1)], 93,
        _text(
            "主管全区文化、广电、体育和旅游工作。2023年机构改革后，水利风景区的管理职责划入示范区水利局，示范区水利局负责景区日常管理，我局负责旅游指导。",
            "惠民演出120场，体育场馆免费或低收费开放不少于330天，公共文化设施使用率提高。",
            NOTICE,
            "把自评指标分解到科室，以场次登记、开放日志、门票系统数据为依据评分，邀请五名人大代表参与。",
            "惠民演出和场馆开放完成年度目标，群众文化体育生活更加丰富，职责调整平稳。",
            "演出126场，观众7.8万人次；场馆开放345天；配合示范区水利局完成景区资料移交，两个项目共支出110.8万元。",
            "偏远乡镇演出场次偏少，场馆夜间开放时间不足。",
            "2024年增加山区演出20场，延长夜间开放时间。",
        ),
    )  # fmt: skip


def satisfaction_by_intervals() -> Department:
    indicators = (
        ("预算执行率", None, "预算执行率", "正向(≥)", "100%", "%", "99%", 10, 9.9),
        ("产出指标", "数量指标", "发放救助金人数", "正向(≥)", "2600", "人", "2688", 40, 40),
        ("产出指标", "时效指标", "按月发放", "等于(=)", "12", "次", "12", 10, 10),
        ("效益指标", "可持续影响指标", "对困难群众生活的保障", "定性", "长期", None, "持续保障", 30, 30),
        (
            "满意度指标",
            "服务对象满意度指标",
            "救助对象满意度（90%以上得10分，80%—90%得8分，70%—80%得6分）",
            "正向(≥)",
            "90%",
            "%",
            "88%",
            10,
            8,
            "个别乡镇入户核查次数多",
        ),
    )
    return Department(
        "示范区民政局", "372001", [Unit("示范区民政局", 28, 27)], (420.6, 28.8),
        [Project("临时救助", 180, 178.2, 97.9, indicators=indicators), Project("养老服务补贴", 96, 95.5, 95)], 95.6,
        _text(
            "负责社会救助、养老服务、社会事务等工作，设五个科室。",
            "应救尽救、应养尽养，救助金按月足额发放，救助对象满意度90%以上。",
            "办公室、救助科、养老科共同组成自评工作组，邀请两名村级协理员参加评议。",
            "以救助系统发放数据为准，电话回访救助对象300户，满意度按区间计分。",
            "社会救助和养老服务任务完成，困难群众基本生活得到长期稳定的保障。",
            "临时救助2688人，支出178.2万元；养老补贴惠及1240人，支出95.5万元；回访满意度88%。",
            "入户核查环节偏多，少数救助对象觉得手续繁琐。",
            "推行数据比对代替重复入户，精简证明材料。",
        ),
    )  # fmt: skip
