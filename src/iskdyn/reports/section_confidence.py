"""How far the model can be trusted: every confidence test, a row each."""

from __future__ import annotations

from iskdyn.confidence.battery import run_battery
from iskdyn.confidence.behaviour import Subject
from iskdyn.reports.sections import Materials, Section, render


def confidence_section(materials: Materials) -> Section:
    """Every confidence test with what was found, green, judged with its reason, or red."""
    subject = Subject(materials.study, materials.fit, materials.own)
    rows = run_battery(subject, lambda _done, _total, what: materials.tell(f"test {what}"))
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ("green", "judged", "red")}
    judged = [row.test.name for row in rows if row.verdict == "judged"]
    finding = (
        f"Of {len(rows)} tests that the field puts to such models {counts['green']} are green, {counts['judged']} are "
        f"judged with a written reason, and {counts['red'] or 'none'} {'is' if counts['red'] < 2 else 'are'} red."
    )
    contents = {"rows": rows, "red": counts["red"], "judged": judged}
    return Section("confidence", "How far to trust it", finding, render("confidence.html", contents))
