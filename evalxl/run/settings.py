"""What a run is made with beside its inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from evalxl.bureau.review import Round
from evalxl.district.tables import Bureau
from evalxl.policy.policy import Policy
from evalxl.rules import RULES
from evalxl.store.earlier import by_year


@dataclass(frozen=True)
class Settings:
    """The policy, what the bureau knows, what is known of findings, and how the work is done."""

    policy: Policy
    bureau: Bureau = field(default_factory=Bureau)
    round: Round = field(default_factory=Round)
    previous: tuple[Path, ...] = ()  # outboxes of earlier runs, the last year's among them
    report: bool = False  # with a Word report for each department without errors
    jobs: int | None = None  # processes; None leaves it to the program
    cluster: str = ""  # the address of a Dask scheduler; '' works on this machine
    made_from: Mapping[str, object] = field(default_factory=dict)  # hashes of its lists and of earlier runs
    redraw: str = ""  # why the projects to recheck are drawn anew; '' keeps those drawn earlier in the year
    fresh: bool = False  # do again also what an earlier run into the same outbox has done

    @cached_property
    def reviewed(self) -> Round:
        """The round, with the rules that this run does not ask: what they found earlier stays open."""
        off = {rule for rule in self.policy.severity if not self.policy.asks(rule)}
        at_hand = {
            "": True, "roster": not self.bureau.roster.empty, "rechecks": not self.bureau.rechecks.empty,
            "last_year": any(year < self.round.year for year in by_year(self.previous)),
            "waivers_given": False,  # what does nothing is found of this run's list alone
        }  # fmt: skip
        absent = {name for name, rule in RULES.items() if not at_hand[rule.bureau]}
        return replace(self.round, skipped=frozenset(off | absent))
