"""What each kind of TOML file of a study may hold, as JSON Schema: the reader holds files to it, editors can too.

Only the shape stands here: keys, kinds of values, choices. What names of the model and of other files must be, the
readers say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from iskdyn.study.changes import ALL, KINDS, OWN_PATH
from iskdyn.study.expectations import BOUNDS, Direction, State
from iskdyn.study.months import FORMS as CLOCKS
from iskdyn.study.readings import OF_ONE_WINDOW, ON_PAGE
from iskdyn.study.settings import Settings

Form = Mapping[str, Any]
"""A JSON Schema of the few words that `iskdyn.study.form_check` knows."""

TEXT: Form = {"type": "string"}
SOME_TEXT: Form = {"type": "string", "minLength": 1}
NUMBER: Form = {"type": "number"}
TRUTH: Form = {"type": "boolean"}


def table(needed: Mapping[str, Form], may: Mapping[str, Form] | None = None) -> Form:
    """A table with these keys and no others."""
    properties = {**needed, **(may or {})}
    form = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**form, "required": list(needed)} if needed else form


def named(value: Form) -> Form:
    """A table whose keys are names, each with such a value."""
    return {"type": "object", "additionalProperties": value}


def many(value: Form, least: int = 0, most: int | None = None) -> Form:
    """A list of such values."""
    form = {"type": "array", "items": value}
    return {**form, **({"minItems": least} if least else {}), **({"maxItems": most} if most else {})}


def pair(value: Form) -> Form:
    """Two such values."""
    return many(value, 2, 2)


def choice(*values: str) -> Form:
    """One of these texts."""
    return {"enum": list(values)}


def either(*forms: Form) -> Form:
    """A value of any of these forms."""
    return {"anyOf": list(forms)}


def texts(*names: str) -> dict[str, Form]:
    """Keys that hold a text."""
    return dict.fromkeys(names, TEXT)


TEXTS = many(TEXT)
NUMBERS = named(NUMBER)
PERIOD = either(TEXT, {"type": "integer"})
"""A period; one that is a plain number may stand without quotes."""

LEVERS = table(
    {
        "lever": many(
            table(
                {
                    "name": SOME_TEXT,
                    "group": choice("tactic", "sub-lever", "assumption"),
                    "range": pair(NUMBER),
                    "off": NUMBER,
                    **texts("title", "says", "off_means", "needs", "costs", "harms"),
                },
                texts("tactic", "path"),
            )
        )
    }
)

_CHANGES_OF_KIND = {
    kind: table(
        {key: PERIOD if key in ("from", "to", "at") else NUMBER for key in needed},
        {key: PERIOD if key in ("from", "to", "at") else NUMBER for key in may},
    )
    for kind, (needed, may) in KINDS.items()
}
CHANGES: Mapping[str, Form] = {
    "set": NUMBERS,
    "series": named(either(TEXT, NUMBERS)),
    **{kind: named(form) for kind, form in _CHANGES_OF_KIND.items()},
    "level": named(either(NUMBER, _CHANGES_OF_KIND["level"])),
    "freeze": either(choice(ALL), named(either(choice(OWN_PATH), _CHANGES_OF_KIND["freeze"]))),
}
"""The keys of an arm, see `iskdyn.study.changes`."""

_BY = {"by": {"type": "number", "minimum": 0}}
_WINDOW = {"window": pair(TEXT)}


def expectations(kinds: tuple[str, ...], may: Mapping[str, Form], most: int | None = None) -> Form:
    """A list of expectations of these kinds, with keys that only some files have."""
    keys = {"is": choice(*kinds), **may}
    return many(table({"of": either(SOME_TEXT, many(TEXT, 1))}, keys), 1, most)


_DIRECTIONS = get_args(Direction)
_NUMBER_BOUNDS = dict.fromkeys(BOUNDS, NUMBER)
_CLAIMED = expectations(
    _DIRECTIONS,
    {
        "statistic": choice(*OF_ONE_WINDOW),
        **_WINDOW,
        "against": pair(TEXT),
        **texts("share_of", "times", "arm"),
        "than": either(TEXT, many(TEXT, 1)),
        **_BY,
        **dict.fromkeys(("at_least", "at_most"), either(NUMBER, TEXT)),
    },
)
CLAIMS = table(
    {
        "claim": many(
            table(
                {
                    **dict.fromkeys(("id", "says", "place"), SOME_TEXT),
                    "role": choice("fitted", "held_out", "structural", "contested"),
                    "expect": _CLAIMED,
                },
                {**texts("note", "why"), "needs": choice("all", "any"), "control": named(TEXT)},
            ),
            1,
        )
    },
    {
        "arms": named(table({}, {**texts("says"), **CHANGES})),
        "contrast": table(
            {
                "title": TEXT,
                **dict.fromkeys(("words", "claims", "outcomes"), TEXTS),
                **dict.fromkeys(("did", "could"), named(TEXT)),
                **dict.fromkeys(("did_window", "could_window"), pair(TEXT)),
            }
        ),
    },
)

_DRAWS = either(TRUTH, choice("prior"))
CONDITIONS = table(
    {},
    {
        "draws": _DRAWS,
        "condition": many(
            table(
                {
                    **dict.fromkeys(("says", "because"), SOME_TEXT),
                    "expect": expectations(
                        (*_DIRECTIONS, *get_args(State)),
                        {**_BY, **_WINDOW, **_NUMBER_BOUNDS, "share": NUMBER, "relative": TRUTH},
                    ),
                },
                {
                    **CHANGES,
                    "with": table({}, CHANGES),
                    "people": either(NUMBER, many(NUMBER, 0, 2)),
                    "draws": _DRAWS,
                    "until": PERIOD,
                },
            )
        ),
    },
)

LOOPS = table(
    {},
    {
        "outcomes": TEXTS,
        "kinds": named(TEXTS),
        "loop": many(
            table(
                {**dict.fromkeys(("name", "words"), SOME_TEXT), "through": many(TEXT, 1)},
                {
                    "without": TEXTS,
                    "cut": table(
                        {
                            "expect": expectations(("lower", "higher"), {}),
                            "why": SOME_TEXT,
                        },
                        {**CHANGES, "with": table({}, CHANGES)},
                    ),
                },
            )
        ),
    },
)

_BOUNDED = expectations(get_args(State), {**_WINDOW, **_NUMBER_BOUNDS})
TRIALS = table(
    {},
    {
        "case": many(table({"name": SOME_TEXT, "expect": _BOUNDED}, CHANGES)),
        "family": table({"set": NUMBERS, **texts("stock", "inflow", "hazard")}, {"name": TEXT}),
    },
)

_STRUCTURE = {"title": TEXT, "set": NUMBERS}
VARIANTS = table({"variant": many(table({"name": SOME_TEXT}, {**_STRUCTURE, "model": SOME_TEXT}), 1)})
CUTS = table({"variant": many(table({"name": SOME_TEXT}, _STRUCTURE), 1)})
RULES = table(
    {
        "rule": many(
            table({"name": SOME_TEXT, "decisions": many(TEXT, 1), "numbers": TEXTS}, {"reads": TEXTS}), 1
        )
    }
)

STORY = table(
    {},
    {
        "title": TEXT,
        "address": {"type": "string", "pattern": r"^https://\S+$"},
        "context": TEXTS,
        "limits": TEXTS,
        "outcomes": named(
            table(
                {"measure": choice(*ON_PAGE)},
                {
                    **texts("label", "unit", "rate", "note"),
                    "digits": {"type": "integer", "minimum": 0, "maximum": 9},
                    "aim": choice("lower", "none"),
                    "counted": {"type": "boolean"},
                },
            )
        ),
        "rivals": many(
            table(
                {
                    **texts("title", "words", "outcome"),
                    "before": pair(TEXT),
                    "after": pair(TEXT),
                    "switches": named(TEXT),
                }
            )
        ),
        "modes": many(table({**texts("name", "title", "words"), "set": NUMBERS})),
        "brief": table(
            {"lead": TEXTS, "doubt": pair(TEXT), "columns": TEXTS, **texts("method", "caution", "cost_note")}
        ),
        "questions": many(
            table(
                {"text": TEXT, "asks": TEXTS},
                {
                    **texts("who", "leaning"),
                    "error": {"type": "number", "exclusiveMinimum": 0},
                    "lean": NUMBER,
                },
            )
        ),
        "asked": many(table(texts("text", "scenario"))),
        "events": many(table({"month": PERIOD, "words": SOME_TEXT})),
        "links": many(table({"words": SOME_TEXT, "of": TEXTS}, {"counted": {"type": "boolean"}})),
        "glossary": many(table(texts("word", "means"), {"also": TEXTS})),
    },
)

SCENARIO = table(
    {},
    {
        **texts("title", "says", "expects", "run", "against"),
        "source": TEXTS,
        "choice": TRUTH,
        "expect": expectations(_DIRECTIONS, {"until": PERIOD, "since": PERIOD, **_BY}),
        **CHANGES,
    },
)

_OUTCOME = table({"variable": SOME_TEXT}, {"statistic": choice(*OF_ONE_WINDOW), "window": pair(TEXT)})
_OF_TYPE = {
    "str": SOME_TEXT,
    "tuple[str, ...]": TEXTS,
    "Mapping[str, str]": named(TEXT),
    "Mapping[str, tuple[str, ...]]": named(TEXTS),
    "Mapping[str, Outcome]": named(_OUTCOME),
}
_SETTINGS = {one.name: _OF_TYPE[str(one.type)] for one in fields(Settings)} | {"clock": choice(*CLOCKS)}
_NEEDED = ("name", "model", "headline")
SETTINGS = table(
    {name: _SETTINGS[name] for name in _NEEDED},
    {name: form for name, form in _SETTINGS.items() if name not in _NEEDED},
)

FORMS: Mapping[str, Form] = {
    "study": SETTINGS,
    "scenario": SCENARIO,
    "conditions": CONDITIONS,
    "levers": LEVERS,
    "claims": CLAIMS,
    "loops": LOOPS,
    "trials": TRIALS,
    "variants": VARIANTS,
    "cuts": CUTS,
    "rules": RULES,
    "story": STORY,
}
"""By the kind of file; those after the conditions are named by the key of study.toml that names the file."""


def json_schema(kind: str) -> Form:
    """The JSON Schema (draft 2020-12) of a kind of file, for an editor."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"iskdyn: {kind}",
        **FORMS[kind],
    }
