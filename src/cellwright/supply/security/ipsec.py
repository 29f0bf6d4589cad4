"""What IPsec takes of a backhaul: ESP in tunnel mode (RFC 4303) with AES-GCM (RFC 4106)."""

from __future__ import annotations

from collections.abc import Mapping

from cellwright.errors import InputError

#: Simple IMIX: size of the IP packet [bytes] -> share of packets (7 : 4 : 1).
IMIX: dict[int, float] = {40: 7 / 12, 576: 4 / 12, 1500: 1 / 12}
_ESP_HEADER, _IV, _TRAILER, _ICV, _UDP = 8, 8, 2, 16, 8
_OUTER = {4: 20, 6: 40}


def esp_bytes(size: int, ip: int = 4, nat: bool = False) -> int:
    """Return what ESP adds to one IP packet [bytes].

    Parameters
    ----------
    size : int
        Inner IP packet [bytes].
    ip : {4, 6}
        Version of the outer IP.
    nat : bool
        ESP in UDP (RFC 3948).

    Examples
    --------
    >>> esp_bytes(1500), esp_bytes(40)
    (56, 56)
    """
    padding = -(size + _TRAILER) % 4
    outer = _OUTER[ip] + (_UDP if nat else 0)
    return outer + _ESP_HEADER + _IV + padding + _TRAILER + _ICV


def capacity_factor(
    mix: Mapping[int, float] | None = None,
    *,
    ip: int = 4,
    nat: bool = False,
    tunnel_bytes: int = 36,
    link_bytes: int = 38,
) -> float:
    """Return by how much a backhaul must grow to carry the same traffic through IPsec [factor].

    Parameters
    ----------
    mix : mapping, optional
        Size of the user's IP packet [bytes] -> weight in packets; `IMIX` if not given.
    ip, nat
        As in :func:`esp_bytes`.
    tunnel_bytes : int
        GTP-U, UDP and IP of N3 [bytes]; 0 for traffic that is not tunnelled.
    link_bytes : int
        Ethernet with preamble and gap [bytes].

    Returns
    -------
    float
        Bytes with IPsec over bytes without. Cutting of packets above the MTU is not counted.

    Raises
    ------
    InputError
        For sizes or weights that cannot be.

    Examples
    --------
    >>> round(capacity_factor({1500: 1}), 4), round(capacity_factor({40: 1}), 4)
    (1.0356, 1.4912)
    >>> round(capacity_factor(), 3)
    1.135
    """
    plain = wire_factor(mix, ip=ip, tunnel_bytes=tunnel_bytes, link_bytes=link_bytes)
    protected = wire_factor(
        mix, esp=True, ip=ip, nat=nat, tunnel_bytes=tunnel_bytes, link_bytes=link_bytes
    )
    return protected / plain


def wire_factor(
    mix: Mapping[int, float] | None = None,
    *,
    esp: bool = False,
    ip: int = 4,
    nat: bool = False,
    tunnel_bytes: int = 36,
    link_bytes: int = 38,
) -> float:
    """Return bytes on the wire for each byte of the user's IP packets [factor].

    Parameters
    ----------
    mix, ip, nat, tunnel_bytes, link_bytes
        As in :func:`capacity_factor`.
    esp : bool
        Through IPsec.

    Raises
    ------
    InputError
        For sizes or weights that cannot be.

    Examples
    --------
    >>> round(wire_factor({1400: 1}), 4), round(wire_factor({1400: 1}, esp=True), 4)
    (1.0529, 1.0929)
    """
    mix = IMIX if mix is None else mix
    total = sum(mix.values())
    wrong = [size for size, weight in mix.items() if not 20 <= size <= 65535 or not weight >= 0.0]
    if wrong or not total > 0.0 or ip not in _OUTER or min(tunnel_bytes, link_bytes) < 0:
        raise InputError(
            f"packet mix {dict(mix)}: sizes are 20 to 65535 bytes, weights from 0 on with a sum "
            "above 0, ip is 4 or 6, added bytes from 0 on."
        )
    carried = sum(w * (size + tunnel_bytes + link_bytes) for size, w in mix.items())
    if esp:
        carried += sum(w * esp_bytes(size + tunnel_bytes, ip, nat) for size, w in mix.items())
    return carried / sum(w * size for size, w in mix.items())
