"""A kind of things in a graph folder -> a Turtle form to fill in, in the reader's language.

A form is Turtle from the start. What its reader has to write is marked (`✎ `, `fill-this-in`), and
the rule `unfilled-form` refuses what is left of that. Lines with `##` explain, lines with `# ` are
what may be added: without that mark they are Turtle too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from leadgraph.errors import SettingInvalid
from leadgraph.explore import values
from leadgraph.explore.fields import Field, fields, greater, is_text, types
from leadgraph.explore.kinds import Kind, kinds
from leadgraph.explore.labels import NAMING, labels_in
from leadgraph.explore.turtle import Writer, comment, put_aside
from leadgraph.explore.values import MARK, SLUG, Wanted, example
from leadgraph.vocabulary import DATASET, DCTERMS, GRAPH, LG, ORG, RDFS, SH, VOID
from leadgraph.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgraph.explore.folder import Folder
    from leadgraph.query.client import Term

_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PARTS = frozenset(LG + name for name in ("hasStep", "hasCondition"))
"""What belongs to one thing alone, and so is described with it."""

_INDENT = "    "
_ORGANIZATION = "organization"  # `org` is the prefix of the W3C's vocabulary


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the kind, the name that its file should have, and the Turtle."""

    kind: Kind
    title: str
    how: str
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """What the reader has said before: the slug and the name of the thing, the slug of the file."""

    slug: str | None = None
    name: str | None = None
    file: str | None = None


_NOTHING = Given()


@dataclass(frozen=True, slots=True)
class _Writing:
    """What it takes to write the blocks of a form."""

    folder: Folder
    language: str
    writer: Writer

    def label(self, iri: str) -> str:
        """Return what a class or property is called."""
        return class_label(self.folder, iri, self.language)


@dataclass(frozen=True, slots=True)
class _Part:
    """A thing that is described beside the one that the form is for."""

    iri: str
    kind: Kind
    required: bool


def form(folder: Folder, kind: Kind, language: str, given: Given = _NOTHING) -> Form:
    """Return the form for a thing of a kind; its slug follows from its name, if it is given.

    The file is called as is said, else like the thing. As long as neither is known, what the file
    says of itself is put aside: under a wrong name it would be refused.

    Raises:
        SettingInvalid: if the slug is none.
    """
    if given.slug is not None and not _KEBAB.fullmatch(given.slug):
        raise SettingInvalid("--slug", given.slug, "small letters a-z, digits and single hyphens")
    slug = given.slug or slug_of(given.name or "") or SLUG
    home, name = given.file or slug, given.name
    writing = _Writing(folder, language, Writer(_prefixes(folder)))
    about = _file_block(writing, home, name)
    thing, parts = _block(writing, kind, kind.namespace + slug, name)
    blocks = [put_aside(about) if home == SLUG else about, thing]
    for part in parts:
        block, _ = _block(writing, part.kind, part.iri, None, only_required=True)
        blocks.append(block if part.required else put_aside(block))
    title = say("form.title", language, kind=writing.label(kind.iri))
    command = f"leadgraph check {home}.ttl --lang {language}"
    how = say("form.how", language)
    head = [*comment(title), "##", *comment(how), "##", f"## {command}"]
    lines = [head, writing.writer.declarations(), *blocks]
    return Form(
        kind, title, how, f"{home}.ttl", "\n\n".join("\n".join(each) for each in lines) + "\n"
    )


def slug_of(name: str) -> str:
    """Return a name in small letters a-z, digits and hyphens, "" if nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _prefixes(folder: Folder) -> dict[str, str]:
    """Return the prefixes of the folder, and one for each kind of things."""
    known = dict(folder.prefixes)
    for kind in kinds(folder).values():
        taken = known.get(kind.name) if kind.name != "org" else ORG
        known.setdefault(kind.name if taken is None else _ORGANIZATION, kind.namespace)
    return known


def _file_block(writing: _Writing, slug: str, name: str | None) -> list[str]:
    """Write what a file says of itself: title, licence, source."""
    writer, language = writing.writer, writing.language
    title = name or MARK + say("form.file-title", language)
    rows = [
        ("a", writer.iri(VOID + "Dataset")),
        (writer.iri(DCTERMS + "title"), writer.term(Literal(title, language=language))),
        (writer.iri(DCTERMS + "license"), writer.term(values.CC0)),
        (writer.iri(DCTERMS + "source"), writer.term(values.PAGE)),
    ]
    if LG + "basis" in {field.path for field in _every_field(writing)}:
        rows.append((writer.iri(LG + "basis"), writer.iri(LG + "Sourced")))
    rows.append((writer.iri(DCTERMS + "isPartOf"), writer.iri(DATASET)))
    width = max(len(predicate) for predicate, _ in rows)
    lines = [f"{_INDENT}{predicate:<{width}}  {value} ;" for predicate, value in rows]
    return [
        *comment(say("form.header", language)),
        *comment(say("form.header-name", language, file=f"{slug}.ttl")),
        writer.iri(GRAPH + slug),
        *lines[:-1],
        lines[-1][:-1] + ".",
    ]


def _every_field(writing: _Writing) -> list[Field]:
    first = next(iter(kinds(writing.folder).values()), None)
    return fields(writing.folder, first.iri, writing.language) if first else []


def _block(
    writing: _Writing, kind: Kind, iri: str, name: str | None, *, only_required: bool = False
) -> tuple[list[str], list[_Part]]:
    """Write a thing with its fields; return the lines, and the parts that it points to."""
    writer, folder = writing.writer, writing.folder
    stated = " , ".join(writer.iri(each) for each in types(folder, kind.iri))
    lines = [*comment(writing.label(kind.iri)), writer.iri(iri), f"{_INDENT}a {stated} ;"]
    found = fields(folder, kind.iri, writing.language)
    heights = greater(folder, [field.path for field in found])
    taken: dict[str, Term] = {}
    parts: list[_Part] = []
    naming = next((field.path for field in found if field.path in NAMING), "")
    for field in found:
        if only_required and field.rank:
            continue
        wanted = Wanted(
            writing.language,
            f"{writing.label(kind.iri)}: {field.name.value}",
            heights[field.path],
            _others(folder, field, taken),
        )
        value, part = _value(writing, field, wanted, iri)
        if part and not only_required:
            parts.append(part)
        if name and field.path == naming:
            value = _named(value, name, writing.language)
        taken[field.path] = value
        lines += _told(writing, kind, field)
        line = [f"{_INDENT}{writer.iri(field.path)} {writer.term(value)} ;"]
        lines += line if field.required else put_aside(line)
    return [*lines, f"{_INDENT}."], parts


def _others(folder: Folder, field: Field, taken: dict[str, Term]) -> frozenset[Term]:
    """Return the values that this one may not be (sh:disjoint, said of either property)."""
    facts = folder.shapes
    paths = {each.value for each in field.values(folder, "disjoint") if isinstance(each, NamedNode)}
    for shape in facts.subjects():
        if field.path in facts.nodes(shape, SH + "disjoint"):
            paths.update(facts.nodes(shape, SH + "path"))
    return frozenset(taken[path] for path in paths if path in taken)


def _value(writing: _Writing, field: Field, wanted: Wanted, iri: str) -> tuple[Term, _Part | None]:
    """Return an example, and the new thing that it is where no other would do."""
    folder = writing.folder
    value = None if field.path in _PARTS else example(folder, field, wanted)
    if value is not None:
        return value, None
    allowed = values.classes(folder, field)
    known = {kind.iri: kind for kind in kinds(folder).values()}
    kind = next((known[each] for each in allowed if each in known), None)
    kind = kind or Kind(SLUG, allowed[0], iri.rpartition("/")[0] + "/")
    slug = re.split(r"[/#]", iri)[-1]
    new = f"{kind.namespace}{slug}-{kind.name if kind.name != SLUG else 'part'}"
    return NamedNode(new), _Part(new, kind, field.required)


def _named(value: Term, name: str, language: str) -> Literal:
    is_plain = isinstance(value, Literal) and not value.language
    return Literal(name) if is_plain else Literal(name, language=language)


def _told(writing: _Writing, kind: Kind, field: Field) -> Iterator[str]:
    """Yield the comments above a field: its name, what it is, what it may be."""
    language, writer = writing.language, writing.writer
    need = say("pages.required" if field.required else "pages.optional", language)
    text = f"{field.name.value} ({need})"
    description = field.description.value if field.description else ""
    if field.path == DCTERMS + "source":
        description = say("form.source", language)
    text += f": {description}" if description else ""
    yield ""
    yield from comment(text, _INDENT)
    choices = field.choices(writing.folder)
    if len(choices) > 1:
        listed = ", ".join(writer.term(each) for each in choices)
        yield from comment(say("form.one-of", language, values=listed), _INDENT)
    if is_text(writing.folder, field):
        real = values.real_words(writing.folder, field, kind.iri, language)
        if real is not None and real.value.strip():
            shown = writer.term(real)
            yield from comment(say("form.for-example", language, value=shown), _INDENT)


def class_label(folder: Folder, iri: str, language: str) -> str:
    """Return what the shapes call the things of a class, else what the ontology does."""
    facts = folder.shapes
    shapes = [each for each in facts.subjects() if iri in facts.nodes(each, SH + "targetClass")]
    named = [shape for shape in shapes if facts.literals(shape, RDFS + "label")]
    whole = [shape for shape in named if facts.nodes(shape, SH + "property")] or named
    source, node = (facts, whole[0]) if whole else (folder.ontology, iri)
    return labels_in([source], [node], language).node(node).label.value
