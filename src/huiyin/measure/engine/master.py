"""The address of a Spark standalone master, and whether anybody answers there."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

from huiyin.measure.errors import MeasureError

#: Seconds to wait for each master to take a connection.
PATIENCE = 5.0

_ADDRESS = re.compile(r"(?P<host>[^\s:/\[\],]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Master:
    """A standalone master, or the several of which one leads.

    Attributes:
        addresses: (host, port) of each.
    """

    addresses: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, url: str) -> Master:
        """Take a ``spark://HOST:PORT[,HOST:PORT...]`` apart.

        Raises:
            MeasureError: ``bad-master-address``.
        """
        rest = url.removeprefix("spark://")
        found = [_ADDRESS.fullmatch(part) for part in rest.split(",")]
        if rest == url or not all(found):
            raise _bad_address(url)
        addresses = tuple((one["host"], int(one["port"])) for one in found if one)
        if not all(0 < port < 65536 for _, port in addresses):
            raise _bad_address(url)
        return cls(addresses)

    @property
    def url(self) -> str:
        return "spark://" + ",".join(f"{host}:{port}" for host, port in self.addresses)

    @property
    def is_loopback(self) -> bool:
        """Whether every master is this machine, by its loopback address."""
        return all(_is_loopback(host) for host, _ in self.addresses)

    def refuse_unreachable(self) -> None:
        """Raise ``master-unreachable`` unless one of the masters takes a connection."""
        reasons = []
        for host, port in self.addresses:
            try:
                socket.create_connection((host.strip("[]"), port), PATIENCE).close()
                return
            except OSError as wrong:
                reasons.append(f"{host}:{port} {wrong.strerror or wrong}")
        listed = "; ".join(reasons)
        raise MeasureError(
            "master-unreachable",
            f"no Spark master answers at {self.url} ({listed}); check the address, whether the"
            " master runs, and whether a firewall lies between",
            f"{self.url} 处没有 Spark 主节点应答（{listed}）；请检查地址是否正确、主节点是否已"
            "启动、中间是否有防火墙阻挡",
            place="--engine",
        )


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ipaddress.ip_address(one[4][0]).is_loopback for one in found)


def _bad_address(url: str) -> MeasureError:
    return MeasureError(
        "bad-master-address",
        f"{url!r} is not the address of a Spark master; write spark://HOST:PORT, for example"
        " spark://10.0.0.5:7077",
        f"{url!r} 不是 Spark 主节点的地址；请写作 spark://主机:端口，例如 spark://10.0.0.5:7077",
        place="--engine",
    )
