"""An answer and an address -> the same answer, whose head links to that address.

Results in JSON have the member `link` of `head` for it (SPARQL 1.1 Results JSON, 3.1.2), in XML the
element `link`, after the variables (SPARQL 1.1 Results XML, 2.3.1). CSV, TSV and graphs have no
place for it. The rest of the bytes passes through as it comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from leadgraph.formats import RESULTS, by_media_type
from leadgraph.model import Answer, Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgraph.model import Chunks

    Placing = Callable[[bytes, str], bytes | None]

_JSON_HEAD = re.compile(rb'\s*\{\s*"head"\s*:\s*\{\s*(?=\S)')
_XML_HEAD = re.compile(rb"</head\s*>|<head\s*/>")


def linked(answer: Answer, address: str) -> Answer:
    """Return an answer that links to an address, where its format can.

    Raises:
        ValueError: while it is read, if it has no head.
    """
    placing = None if answer.form is Form.GRAPH else _PLACINGS.get(_format(answer.media_type))
    if placing is None:
        return answer
    whole = answer.whole
    if whole is not None:
        whole = placing(whole, address)
        if whole is None:
            raise ValueError("an answer without a head")
    chunks = _Linked(answer.chunks, placing, address)
    return Answer(answer.form, answer.media_type, chunks, whole)


class _Linked(Iterator[bytes]):
    """The chunks of an answer: its beginning is held back until the head is there, and changed."""

    def __init__(self, chunks: Chunks, placing: Placing, address: str) -> None:
        self._chunks, self._placing, self._address = chunks, placing, address
        self._beginning: bytes | None = b""

    def __next__(self) -> bytes:
        """Return the next bytes."""
        while self._beginning is not None:
            self._beginning += self._more()
            placed = self._placing(self._beginning, self._address)
            if placed is not None:
                self._beginning = None
                return placed
        return next(self._chunks)

    def close(self) -> None:
        """Give up the rest."""
        self._chunks.close()

    def _more(self) -> bytes:
        """Return what comes next of the beginning; nothing came, or a head that does not end."""
        try:
            return next(self._chunks)
        except StopIteration:
            if self._beginning:
                raise ValueError("an answer without a head") from None
            raise


def _format(media_type: str) -> str:
    return by_media_type(RESULTS, media_type.partition(";")[0].strip()).name


def _in_json(beginning: bytes, address: str) -> bytes | None:
    """Return the beginning with the link as the head's first member; None if it is too short."""
    found = _JSON_HEAD.match(beginning)
    if found is None:
        return None
    rest = beginning[found.end() :]
    link = f'"link":[{json.dumps(address)}]{"" if rest.startswith(b"}") else ","}'
    return found[0] + link.encode() + rest


def _in_xml(beginning: bytes, address: str) -> bytes | None:
    """Return the beginning with the link as the head's last element; None if it is too short."""
    found = _XML_HEAD.search(beginning)
    if found is None:
        return None
    link = f"<link href={quoteattr(address)}/>".encode()
    head = b"<head>" if found[0].startswith(b"<head") else b""
    return beginning[: found.start()] + head + link + b"</head>" + beginning[found.end() :]


_PLACINGS: dict[str, Placing] = {"json": _in_json, "xml": _in_xml}
