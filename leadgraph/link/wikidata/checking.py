"""Files and a source of items -> Report: each link that does not hold any more, at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgraph.check.locate.located import located
from leadgraph.link.wikidata.drift import Known, drift, misnamed_links, with_edits
from leadgraph.link.wikidata.linked import evidence, fetched, links, misnamed
from leadgraph.model import Report
from leadgraph.read.turtle import is_turtle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.check.slice import FileGraph
    from leadgraph.link.wikidata.items import Wikidata
    from leadgraph.model import Problem


def check_links(
    files: Sequence[FileGraph],
    unread: Sequence[Problem],
    around: Sequence[FileGraph],
    live: Wikidata,
    *,
    is_excerpt: bool = False,
) -> Report:
    """Return what is wrong with the links of files, and what kept others from being read.

    `around` is the graph with the table of evidence and what was fetched last; a file that is
    checked takes the place of its version there.

    Raises:
        SourceError: if the source does not answer; then nothing is known of any link.
    """
    slugs = {file.slug for file in files}
    known = [*files, *(file for file in around if file.slug not in slugs)]
    found = links(files)
    now = live.linked((link.item for link in found), is_excerpt=is_excerpt)
    targets = {iri: live.target(item) for iri, item in now.items() if item.redirect}
    before = fetched(known)
    facts = Known(
        now=now,
        targets={iri: target for iri, target in targets.items() if target is not None},
        classes=live.classes([*now.values(), *(before[iri] for iri in now if iri in before)]),
        evidence=evidence(known),
        before=before,
        is_excerpt=is_excerpt,
    )
    texts = {file.path: file.data for file in files if is_turtle(file.path)}
    results = [*drift(found, facts), *misnamed_links(misnamed(files))]
    problems = with_edits(located(results, files, around), texts, facts)
    return Report(
        problems=tuple(sorted((*unread, *problems), key=_order)),
        files=tuple(dict.fromkeys([*(f.path for f in files), *(p.place.path for p in unread)])),
        statements=sum(len(file.triples) for file in files),
    )


def _order(problem: Problem) -> tuple[str, int, int, str]:
    place = problem.place
    return place.path, place.line or 0, place.column or 0, problem.code
