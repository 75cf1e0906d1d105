"""Files and the graph around them -> who says what about whom, by the number of the statement."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import NamedNode, Triple

    from leadgraph.check.slice import FileGraph, Term


_Key = TypeVar("_Key")


class At(NamedTuple):
    """A statement: the number of its file, those to check first, and its number in the file."""

    file: int
    number: int


class Statements:
    """The statements of the files to check, and after them those of the graph around.

    Each index is made when it is first asked for: most checks find nothing to point at.
    """

    def __init__(self, files: Sequence[FileGraph], context: Sequence[FileGraph] = ()) -> None:
        """Take the files to check, and those around them."""
        self.files = (*files, *context)
        self._own = _Part(files, 0)
        self._around = _Part(context, len(files))

    def triple(self, at: At) -> Triple:
        """Return what a statement says."""
        return self.files[at.file].triples[at.number]

    def is_own(self, at: At) -> bool:
        """Whether the statement stands in a file to check."""
        return at.file < self._around.first

    def about(
        self, node: Term, predicate: NamedNode | None = None, *, around: bool = True
    ) -> Sequence[At]:
        """Return the statements with this subject (and predicate), in order."""
        own = self._own.about(node, predicate)
        return [*own, *self._around.about(node, predicate)] if around else own

    def naming(
        self, node: Term, predicate: NamedNode | None = None, *, around: bool = True
    ) -> Sequence[At]:
        """Return the statements with this object (and predicate), in order."""
        own = self._own.naming(node, predicate)
        return [*own, *self._around.naming(node, predicate)] if around else own


class _Part:
    """Some of the files; `first` is the number of the first.

    The indexes hold numbers that count on through the files: a million of them are no burden to
    the garbage collector.
    """

    def __init__(self, files: Sequence[FileGraph], first: int) -> None:
        self.first = first
        self._files = files
        self._starts = [0, *accumulate(len(file.triples) for file in files)]

    def about(self, node: Term, predicate: NamedNode | None) -> list[At]:
        if predicate is None:
            return self._at(self._of_subject.get(node, ()))
        return self._at(self._of_subject_and_predicate.get((node, predicate), ()))

    def naming(self, node: Term, predicate: NamedNode | None) -> list[At]:
        if predicate is None:
            return self._at(self._of_object.get(node, ()))
        return self._at(self._of_object_and_predicate.get((node, predicate), ()))

    def _at(self, numbers: Sequence[int]) -> list[At]:
        files = (bisect_right(self._starts, number) - 1 for number in numbers)
        return [
            At(self.first + file, number - self._starts[file])
            for file, number in zip(files, numbers, strict=True)
        ]

    def _all(self) -> Iterator[Triple]:
        return chain.from_iterable(file.triples for file in self._files)

    @cached_property
    def _of_subject(self) -> dict[Term, list[int]]:
        return _index(triple.subject for triple in self._all())

    @cached_property
    def _of_object(self) -> dict[Term, list[int]]:
        return _index(triple.object for triple in self._all())

    @cached_property
    def _of_subject_and_predicate(self) -> dict[tuple[Term, NamedNode], list[int]]:
        return _index((triple.subject, triple.predicate) for triple in self._all())

    @cached_property
    def _of_object_and_predicate(self) -> dict[tuple[Term, NamedNode], list[int]]:
        return _index((triple.object, triple.predicate) for triple in self._all())


def _index(keys: Iterable[_Key]) -> dict[_Key, list[int]]:
    """The positions of each key."""
    found: defaultdict[_Key, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        found[key].append(number)
    return dict(found)
