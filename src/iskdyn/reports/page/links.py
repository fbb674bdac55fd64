"""The steps of which the page makes a chain of causes: the story's, or the stocks of a study without any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iskdyn.errors import Problem, StudyError
from iskdyn.model.names import suggest
from iskdyn.reports.page.levers import needed
from iskdyn.reports.story import Link, Story

if TYPE_CHECKING:
    from iskdyn.study import Study

HELD = ("stock", "auxiliary")


def told_links(study: Study, story: Story) -> tuple[Link, ...]:
    """Each step with its variables as the model spells them; what no shown outcome depends on is left out.

    Raises
    ------
    StudyError : a step names what is neither a stock nor computed
    """
    program, used = study.program, needed(study)
    links = story.links or tuple(Link(one.name, (one.name,)) for one in program if one.kind == "stock")
    known = [one.name for one in program if one.kind in HELD]
    problems = [
        Problem(
            study.settings.story or "story",
            f"links: '{name}' is no stock or computed variable{suggest(name, known)}",
        )
        for link in links
        for name in link.of
        if name not in program or program[name].kind not in HELD
    ]
    if problems:
        raise StudyError(problems)
    spelled = [
        Link(
            link.words,
            tuple(program[name].name for name in link.of if program[name].key in used),
            link.counted,
        )
        for link in links
    ]
    return tuple(link for link in spelled if link.of)
