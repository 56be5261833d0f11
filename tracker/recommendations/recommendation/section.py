"""One folded part of a recommendation's page."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Section:
    """`name` is its anchor; `noun` the folder of its template _section.html, where that has another name.

    The template gets `section` and `item`. `summary` stands beside the title while it is folded ("2 of 5 done");
    `data` is for the template.
    """

    name: str
    title: str
    summary: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    is_open: bool = False
    noun: str = ""

    @property
    def template(self) -> str:
        return f"recommendations/{self.noun or self.name}/_section.html"
