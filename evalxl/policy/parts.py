"""What a policy consists of: grade bands, thresholds, steps, lengths, identities, words, each declared once."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

STATED = "规则文件自定"  # the source of what a district states without naming one


class Known(StrEnum):
    """How far the wording of a source is known here."""

    READ = "read"
    RECALLED = "recalled"
    OWN = "own"
    STATED = "stated"

    @property
    def word(self) -> str:
        """In Chinese, as the list of the policy says it."""
        return _KNOWN[self]


_KNOWN = {
    Known.READ: "读过原文或原表",
    Known.RECALLED: "凭记忆，未核对原文",
    Known.OWN: "本程序的取值",
    Known.STATED: STATED,
}


class Model(BaseModel):
    """What a policy consists of: frozen, with the declared entries only, without infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Band(Model):
    """One grade and the scores that earn it: ``start`` ≤ score < ``end`` (the highest band includes its end)."""

    grade: str
    start: float = Field(alias="from")
    end: float = Field(alias="to")


class Cited(Model):
    """What has a source: where it stands, from which year it holds, and how far its wording is known here."""

    source: str = STATED
    since: int | None = None
    known: Known = Known.STATED

    @property
    def caution(self) -> str:
        """The source as results name it: with a word of caution, where nobody has looked it up."""
        return self.source + (f"（{self.known.word}）" if self.known is Known.RECALLED else "")

    @property
    def reference(self) -> str:
        """The source in words: 财预〔2020〕10号（凭记忆，未核对原文；自 2020 年起）."""
        beside = [] if self.known.word in self.source else [self.known.word]
        beside += [f"自 {self.since} 年起"] if self.since else []
        return self.source + (f"（{'；'.join(beside)}）" if beside else "")


class Scheme(Cited):
    """A set of grade bands with the regulation it comes from."""

    title: str
    bands: tuple[Band, ...] = Field(min_length=2)  # what falls from one to the next is what rules look at


class Threshold(Cited):
    """One number a rule compares with."""

    value: float
    unit: str
    description: str


class Step(Model):
    """From ``start`` on an execution rate earns this ``share`` of the weight; without one, the rate's own share."""

    start: float = Field(alias="from", ge=0, le=1)
    share: float | None = Field(None, ge=0, le=1)

    @property
    def words(self) -> str:
        """What the step gives."""
        if self.share is None:
            return "按执行率得分"
        return "得满分" if self.share == 1 else f"得分值的 {_percent(self.share)}" if self.share else "不得分"


def _percent(share: float) -> str:
    return f"{share * 100:.6g}%"


class Execution(Cited):
    """How an execution rate earns points: by steps, or without any by share: weight × rate."""

    steps: tuple[Step, ...] = ()

    def step(self, rate: float) -> Step | None:
        """The step that a rate has reached; None where it has reached none, and so earns nothing."""
        return max((each for each in self.steps if each.start <= rate), key=lambda each: each.start, default=None)

    @property
    def words(self) -> str:
        """The steps in words: 执行率 95% 以上得满分，90% 以上得分值的 80%，其余不得分."""
        if not self.steps:
            return "分值×执行率（不超过 100%）"
        ranked = sorted(self.steps, key=lambda each: -each.start)
        told = [f"{_percent(each.start)} 以上{each.words}" for each in ranked if each.start > 0]
        rest = ranked[-1].words if ranked[-1].start == 0 else "不得分"
        return "，".join(["执行率 " + told[0], *told[1:], f"其余{rest}"]) if told else rest


class Length(Cited):
    """How many characters a section of the narrative is to have, blanks not counted; what is absent, as usual."""

    least: int | None = Field(None, ge=0)
    most: int | None = Field(None, ge=1)


class Cap(Model):
    """The most points a project may score whose execution rate lies in ``start`` ≤ rate < ``end``."""

    start: float = Field(alias="from")
    end: float = Field(alias="to")
    cap: float


class Sampling(Cited):
    """How the projects to recheck are drawn."""

    share: float = Field(ge=0, le=1)
    least: int = Field(ge=0)
    seed: int
    weighted: bool = False  # by risk instead of evenly
    amount_share: float = Field(0, ge=0, le=1)  # more are drawn until they execute this share of the department's sum


class Sum(Model):
    """An identity of the budget: a total line equals the sum of its parts, in every amount column."""

    rule: str
    total: str
    parts: tuple[str, ...] = Field(min_length=1)
    breakdown: bool = False  # parts that may all be left out


class Balance(Model):
    """Income with what is carried in equals expenditure with what is carried out."""

    income: tuple[str, ...] = Field(min_length=1)
    income_grand: str
    expenditure: tuple[str, ...] = Field(min_length=1)
    expenditure_grand: str
    rules: dict[str, str]  # amount column → the rule it is reported under


class Relation(StrEnum):
    """What a bureau's own rule may demand of a column: a closed list, so that no file can compute anything."""

    AT_MOST = "不大于"
    BELOW = "小于"
    EQUAL = "等于"
    OTHER = "不等于"
    AT_LEAST = "不小于"
    ABOVE = "大于"
    FILLED = "必填"
    ONE_OF = "选项"
    UNIQUE = "不重复"
    TOTAL = "合计等于"


Example = dict[str, str | float]  # a row by its headers; the cell of a total by its sheet as well


class OwnRule(Model):
    """A rule that a bureau declares for its own columns, with the examples that it must accept and refuse."""

    id: str = Field(pattern=r"^Z\d\d$")
    sheet: str = Field(min_length=1, max_length=31)
    column: str = Field(min_length=1, max_length=60)
    demands: Relation
    than: str | float = ""  # the other column, or a number: of the six comparisons
    among: tuple[str | float, ...] = ()  # of 选项
    total: str = ""  # of 合计等于: 预算!决算数@项目支出, 基本信息!独立核算单位数
    when: str = ""  # only in rows in which this column is filled in …
    values: tuple[str | float, ...] = Field((), alias="is")  # … with one of these, if any are named
    severity: Literal["error", "warning", "info"] = "warning"
    words: str = Field(min_length=2, max_length=200)
    fix: str = Field(min_length=2, max_length=200)
    source: str = Field(min_length=2, max_length=200)
    holds: tuple[tuple[Example, ...] | Example, ...] = Field(min_length=1, max_length=50)
    breaks: tuple[tuple[Example, ...] | Example, ...] = Field(min_length=1, max_length=50)


class Words(Model):
    """Standard words of a choice field and the aliases seen in real reports."""

    labels: tuple[str, ...] = ()
    aliases: dict[str, str] = {}
    when: dict[str, dict[str, str]] = {}  # another field's standard word → aliases that then hold instead
    levels: tuple[tuple[str, ...], ...] = ()  # grades only: best first, each with its synonyms


class Head(Model):
    """What the policy is called, and which of the ways it offers are in force."""

    name: str
    scheme: str
    overall: Literal["declared", "weighted", "mean"]
    deadline: dt.date | None = None  # 报送截止日期
    weights: tuple[str, ...] = ()  # the accepted ways to spread 100 points (thresholds weights_<way>_…); none: all
