"""The projects that the bureau rechecks, as run.json holds them: drawn once a year, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple


class Drawn(NamedTuple):
    """A project drawn: keys of its department, its unit and its name, and which of those that share them all."""

    level: str  # the 区县 of a merged run
    department: str
    unit: str
    project: str
    number: int = 0


@dataclass(frozen=True)
class Sample:
    """All projects drawn, and why they were drawn anew, where they were."""

    projects: tuple[Drawn, ...] = ()
    reason: str = ""

    def below(self, name: str) -> Sample:
        """The same as a part of a merged run, under a name."""
        return replace(
            self,
            projects=tuple(
                each._replace(level=f"{name}/{each.level}" if each.level else name) for each in self.projects
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """As the run's record keeps it."""
        return asdict(self)


def joined(parts: Mapping[str, Sample]) -> Sample:
    """The samples of several districts as one; reasons are told with their districts."""
    reasons = [f"{name}：{each.reason}" for name, each in parts.items() if each.reason]
    return Sample(tuple(drawn for each in parts.values() for drawn in each.projects), "；".join(reasons))
