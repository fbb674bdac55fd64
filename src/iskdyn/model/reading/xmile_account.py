"""The tags and attributes of XMILE files: which act on numbers, which cannot, which are refused."""

from __future__ import annotations

from iskdyn.model.reading.definitions import Reading
from iskdyn.model.reading.xmile_conveyors import is_plain
from iskdyn.model.reading.xml import Element

VARIABLES = ("stock", "flow", "aux", "gf")

_DRAWING = "of drawing, display or words"
_VENDOR = "of one tool's desk"
USED: dict[str, frozenset[str]] = {
    "root": frozenset({"sim_specs", "model", "dimensions", "behavior", "macro", "model_units"}),
    "sim_specs": frozenset({"start", "stop", "dt", "method", "time_units"}),
    "model": frozenset({"variables", "behavior", *VARIABLES, "module"}),
    "variables": frozenset({*VARIABLES, "module"}),
    "module": frozenset({"connect"}),
    "variable": frozenset(
        {
            "eqn",
            "units",
            "inflow",
            "outflow",
            "non_negative",
            "gf",
            "element",
            "dimensions",
            "init_eqn",
            "range",
            "xpts",
            "ypts",
            "xscale",
        }
    ),
    "macro": frozenset({"parm", "eqn", "variables"}),
    "dim": frozenset({"elem", "isee:maps_to"}),
}
KEPT: dict[str, frozenset[str]] = {
    "root": frozenset(
        {"header", "style", "data", "default_format", "equation_prefs", "ai_information", "options", "doc"}
    ),
    "sim_specs": frozenset({"run", "doc"}),
    "model": frozenset({"views", "display", "interface", "doc", "group", "format", "default_format"}),
    "variables": frozenset({"group", "doc"}),
    "module": frozenset({"connect2", "doc", "display"}),
    "variable": frozenset(
        {"doc", "scale", "format", "event_poster", "display", "label_side", "documentation", "yscale"}
    ),
    "macro": frozenset({"view", "views", "doc", "format"}),
    "dim": frozenset({"doc"}),
}
KEPT_VENDOR = frozenset(
    {"isee:delay_aux", "isee:summing", "isee:dependencies", "isee:extra_collection_variables"}
)
"""Tags of isee below a model that repeat what the equations say."""
REFUSED = {
    "conveyor": "is a conveyor, which is not run here; make it a plain stock, with DELAY for its outflow",
    "queue": "is a queue, which is not run here; make it a plain stock with a rule for its outflow",
    "oven": "is an oven, which is not run here; make it a plain stock with a rule for its outflow",
    "leak": "is the leak of a conveyor, which is not run here; write the leak as an equation",
    "overflow": "is the overflow of a queue, which is not run here; write it as an equation",
    "purge": "is emptied by a purge, which is not run here; write it as a flow",
    "multiplier": "converts units by a multiplier, which is not run here; write the factor into an equation",
}
ATTRIBUTES: dict[str, frozenset[str]] = {
    "sim_specs": frozenset({"method", "time_units", "save_interval", "isee:save_interval"}),
    "model": frozenset({"name"}),
    "module": frozenset({"name"}),
    "variable": frozenset({"name"}),
    "dim": frozenset({"name", "size"}),
}
KEPT_ATTRIBUTES: dict[str, frozenset[str]] = {
    "sim_specs": frozenset(
        {"analyze_mode", "ignore_module_errors", "instantaneous_flows", "loop_exhaustive_allowed", "loop_scores",
         "ltm_tag", "pause_after_rates", "restore_on_start", "run_prefix", "sim_duration", "simulation_delay",
         "strict_units", "pause", "run_by"}
    ),
    "model": frozenset({"simulate", "resource", "run"}),
    "module": frozenset({"ai_state", "label", "resource"}),
    "variable": frozenset(
        {"access", "ai_state", "autocreated", "autoexport", "flow_concept", "spreadflow", "leak_start", "leak_end",
         "label", "color"}
    ),
    "dim": frozenset(),
}  # fmt: skip


def account(reading: Reading, root: Element) -> None:
    """A row for everything in the file; what is unknown where it could act on numbers is refused."""
    below = {"root": {"sim_specs": "sim_specs", "model": "model", "macro": "macro"},
             "model": {"variables": "variables", "module": "module", **dict.fromkeys(VARIABLES, "variable")},
             "variables": {"module": "module", **dict.fromkeys(VARIABLES, "variable")},
             "macro": {"variables": "variables"}}  # fmt: skip
    pending = [(root, "root", "")]
    while pending:
        element, kind, owner = pending.pop()
        if kind in ATTRIBUTES:
            _attributes(reading, element, kind)
        for child in element.children:
            name = child.attributes.get("name", owner)
            if child.tag == "conveyor" and is_plain(element):
                reading.used(child.at, "conveyor of a length")
            else:
                _tag(reading, child, kind, owner)
            if child.tag in below.get(kind, {}):
                pending.append((child, below[kind][child.tag], name))
            elif child.tag == "dimensions" and kind == "root":
                pending += [(dim, "dim", dim.attributes.get("name", "")) for dim in child.all("dim")]


def _tag(reading: Reading, element: Element, kind: str, owner: str) -> None:
    tag = element.tag
    if tag in REFUSED:
        reading.refuse(element.at, f"{owner!r} {REFUSED[tag]}")
    elif tag in USED[kind]:
        reading.used(element.at, f"tag {tag}")
    elif tag in KEPT[kind] or tag in KEPT_VENDOR:
        reading.kept(element.at, f"tag {tag}", _DRAWING)
    elif kind == "root" and ":" in tag:
        reading.kept(element.at, f"tag {tag}", _VENDOR)
    else:
        where = f" of {owner!r}" if owner else ""
        reading.refuse(element.at, f"the tag <{tag}>{where} is not known; remove it, or report it")


def _attributes(reading: Reading, element: Element, kind: str) -> None:
    for name in element.attributes:
        if name in ATTRIBUTES[kind]:
            reading.used(element.at, f"attribute {name} of {kind}")
        elif name in KEPT_ATTRIBUTES[kind] or name.startswith(("isee:", "xmlns")):
            reading.kept(element.at, f"attribute {name} of {kind}", _VENDOR)
        else:
            reading.refuse(
                element.at, f"the attribute {name!r} of <{element.tag}> is not known; remove it, or report it"
            )
