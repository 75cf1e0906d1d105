"""A source -> a connection to it, if its name leads where we may go.

The name is resolved once for a connection, every address that it has is checked, and one of those
that were checked is connected to: no second look at the name can lead elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import select
import socket
import ssl
import threading
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from leadgraph.errors import SourceUnreachable
from leadgraph.link.source.patience import OutOfTimeError, Patience

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgraph.link.source.sources import Address, Source

    IpAddress = IPv4Address | IPv6Address

_CONNECT_SECONDS = 10.0
"""What one address may take to accept, so that another one has its chance."""

_NEVER = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
        *("168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"),
        *("::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128"),
    )
)
"""Nothing that is asked stands there: link-local, multicast, none at all, and the addresses where
clouds tell their machines what they are, secrets included."""

_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
"""IANA's special-purpose addresses; of IPv6, what is public and yet is not."""

_PUBLIC_IPV6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ip_network("::/96")
_IPV4_TRANSLATED = ip_network("::ffff:0:0:0/96")
_LOOPBACK_IPV6 = IPv6Address("::1")


def is_allowed(address: str, source: Source) -> bool:
    """Tell whether a source may be asked at one of the addresses that its name has.

    What an operator lists may be private. Where nothing can be that is meant to be asked, the
    entry has to name the very address: a name could come to lead there without the operator.
    """
    ip = _inmost(ip_address(address.partition("%")[0]))
    if source.by_operator and _literal(source.parsed.host) is not None:
        return True
    if _is_in(ip, _NEVER):
        return False
    return source.by_operator or _is_public(ip)


def _is_public(ip: IpAddress) -> bool:
    if isinstance(ip, IPv6Address) and ip not in _PUBLIC_IPV6:
        return False
    return not _is_in(ip, _NOT_PUBLIC)


def _is_in(ip: IpAddress, networks: Sequence[object]) -> bool:
    return any(ip in network for network in networks)  # type: ignore[operator]  # each is a network


def _inmost(ip: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(ip, IPv4Address) or ip == _LOOPBACK_IPV6:
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    embedding = (_NAT64, _IPV4_COMPATIBLE, _IPV4_TRANSLATED)
    if any(ip in network for network in embedding) and int(ip):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _literal(host: str) -> str | None:
    """Return the address that a host is itself, None for a name."""
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        return None


def connect(source: Source, patience: Patience) -> socket.socket:
    """Return a connection to a source, with TLS if its scheme says so.

    Raises:
        SourceUnreachable: if there is none, or an address of its name may not be asked.
        OutOfTimeError: if it takes too long.
        OSError: if an attempt failed that may be repeated.
    """
    address = source.parsed
    found = resolve(address, patience)
    refused = [ip for ip in found if not is_allowed(ip, source)]
    if refused:
        raise SourceUnreachable(
            source.iri,
            f"its host {address.host} leads to {refused[0]}, a private or reserved address, "
            "which is asked only if the operator lists it",
        )
    connection = _first_to_accept(found, address.port, patience)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if address.scheme == "http":
        return connection
    return _secure(connection, source, patience)


def resolve(address: Address, patience: Patience) -> list[str]:
    """Return the addresses of a host; the resolver itself knows no deadline, so it is left behind.

    Raises:
        OutOfTimeError: if it takes too long.
        OSError: if the host has none.
    """
    literal = _literal(address.host)
    if literal is not None:
        return [literal]
    answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(address, answer), daemon=True).start()
    while True:
        with contextlib.suppress(queue.Empty):
            found = answer.get(timeout=patience.slice())
            if isinstance(found, OSError):
                raise found
            return found


def _look_up(address: Address, answer: queue.SimpleQueue[list[str] | OSError]) -> None:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as error:
        answer.put(error)
    except UnicodeError as error:  # a label that is too long, before anybody is asked
        answer.put(OSError(errno.EINVAL, str(error)))
    else:
        answer.put(list(dict.fromkeys(str(info[4][0]) for info in found)))


def _first_to_accept(found: Sequence[str], port: int, patience: Patience) -> socket.socket:
    """Return a connection to the first of some addresses that accepts one."""
    failure = OSError(errno.EADDRNOTAVAIL, "its host has no address")
    for ip in found:
        try:
            return _connect(ip, port, patience.within(_CONNECT_SECONDS))
        except OSError as error:
            failure = error
        except OutOfTimeError:
            if patience.seconds <= 0:
                raise
            failure = TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    raise failure


def _connect(ip: str, port: int, patience: Patience) -> socket.socket:
    """Return a connection to an address."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        code = connection.connect_ex((ip, port))
        if code == errno.EINPROGRESS:
            code = _outcome(connection, patience)
        if code:
            raise OSError(code, os.strerror(code))
    except BaseException:
        connection.close()
        raise
    return connection


def _outcome(connection: socket.socket, patience: Patience) -> int:
    """Return the error number of an attempt to connect, once it has ended."""
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    while not poll.poll(patience.slice() * 1000):
        pass
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def _secure(connection: socket.socket, source: Source, patience: Patience) -> socket.socket:
    """Return a connection with TLS, its certificate verified for the host that is listed."""
    try:
        secured = trust().wrap_socket(
            connection,
            server_hostname=source.parsed.host.strip("[]"),
            do_handshake_on_connect=False,
        )
    except BaseException:
        connection.close()
        raise
    try:
        _shake_hands(secured, patience)
    except ssl.SSLCertVerificationError as error:
        secured.close()
        raise SourceUnreachable(source.iri, f"its certificate: {error.verify_message}") from error
    except BaseException:
        secured.close()
        raise
    return secured


def _shake_hands(secured: ssl.SSLSocket, patience: Patience) -> None:
    while True:
        try:
            secured.settimeout(patience.slice())
            secured.do_handshake()
        except TimeoutError:
            continue
        return


@cache
def trust() -> ssl.SSLContext:
    """Return the authorities that are trusted: the system's, or those of SSL_CERT_FILE."""
    return ssl.create_default_context()
