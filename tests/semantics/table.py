"""The table of meanings: its rows, and each row as a model of its dialect."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

TABLE = Path(__file__).with_name("semantics.toml")


@dataclass(frozen=True)
class Row:
    """One rule in one dialect; the head of the table says what each field means."""

    function: str
    dialect: Literal["vensim", "xmile"]
    rule: str
    source: str
    y: str
    equals: tuple[tuple[float, float], ...] = ()
    within: tuple[float, float] | None = None
    more: tuple[str, ...] = ()
    xml: str = ""
    clock: tuple[float, float, float] = (0, 4, 1)
    saveper: float | None = None
    rows: int | None = None
    method: str | None = None
    settings: str = ""
    told: str = ""
    refused: str = ""
    may_refuse: bool = False
    awaits: str = ""

    @property
    def variable(self) -> str:
        """The name of what is looked at."""
        return self.y if self.xml else "y"

    def write(self, folder: Path) -> Path:
        """The model as a file in the folder."""
        path = folder / ("model.mdl" if self.dialect == "vensim" else "model.xmile")
        path.write_text(self._vensim() if self.dialect == "vensim" else self._xmile(), encoding="utf-8")
        return path

    def _vensim(self) -> str:
        start, end, step = self.clock
        clock = {"INITIAL TIME": start, "FINAL TIME": end, "TIME STEP": step, "SAVEPER": self.saveper or step}
        equations = [f"y = {self.y}", *self.more, *(f"{name} = {value!r}" for name, value in clock.items())]
        text = "{UTF-8}\n" + "".join(f"{equation} ~~|\n" for equation in equations)
        return text + (f"///---\\\\\\\n:L<%^E!@\n{self.settings}\n" if self.settings else "")

    def _xmile(self) -> str:
        start, end, step = self.clock
        pairs = [one.split(" = ", 1) for one in ([] if self.xml else [f"y = {self.y}"]) + list(self.more)]
        variables = self.xml + "".join(
            f'<aux name="{name}"><eqn>{escape(equation)}</eqn></aux>' for name, equation in pairs
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">\n'
            '<header><vendor>none</vendor><product version="1">none</product></header>\n'
            f'<sim_specs method="{self.settings or "euler"}" time_units="Month">'
            f"<start>{start}</start><stop>{end}</stop><dt>{step!r}</dt></sim_specs>\n"
            f"<model><variables>{variables}</variables></model></xmile>\n"
        )


def read_rows() -> list[Row]:
    """Every row of the table."""
    with TABLE.open("rb") as file:
        found = tomllib.load(file)["row"]
    return [Row(**{name: _frozen(value) for name, value in row.items()}) for row in found]


def _frozen(value: object) -> object:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
