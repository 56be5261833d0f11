"""One folded part of a recommendation's page."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Section:
    """`name` is its anchor and its template, recommendations/sections/_<name>.html, which gets `section` and `item`.

    `summary` stands beside the title while it is folded ("2 of 5 done"); `data` is for the template.
    """

    name: str
    title: str
    summary: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    is_open: bool = False

    @property
    def template(self) -> str:
        return f"recommendations/sections/_{self.name}.html"
