"""Settings that matter for security, from Open5GS and free5GC YAML and from a neutral CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, MissingEngineError, did_you_mean, shown_path
from cellwright.supply.read.tables import ROW, read_table

if TYPE_CHECKING:
    import pandas as pd

#: Setting of the neutral CSV (``element, function, setting, value``) -> what its value says.
SETTINGS = {
    "suci_schemes": "protection schemes 0, 1, 2 with a key, blank between",
    "ciphering_order": "NEA0 .. NEA3, best first, blank between",
    "integrity_order": "NIA0 .. NIA3, best first, blank between",
    "up_confidentiality": "required, preferred, not-needed",
    "up_integrity": "required, preferred, not-needed",
    "sbi": "mutual-tls, tls, http",
    "n32": "tls, prins, none",
    "certificate_enrolment": "yes, no",
    "management_path": "out-of-band, in-band, internet",
    "protocols": "protocols of management, blank between",
}
_WORDS: dict[str, tuple[str, ...]] = {
    "suci_schemes": ("0", "1", "2"),
    "ciphering_order": ("NEA0", "NEA1", "NEA2", "NEA3"),
    "integrity_order": ("NIA0", "NIA1", "NIA2", "NIA3"),
    "up_confidentiality": ("required", "preferred", "not-needed"),
    "up_integrity": ("required", "preferred", "not-needed"),
    "sbi": ("mutual-tls", "tls", "http"),
    "n32": ("tls", "prins", "none"),
    "certificate_enrolment": ("yes", "no"),
    "management_path": ("out-of-band", "in-band", "internet"),
}
COLUMNS = ("element", "function", "setting", "value", "file", "row")
_FUNCTIONS = ("amf", "smf", "udm", "ausf", "nrf", "pcf", "udr", "nssf", "bsf", "scp", "sepp", "upf")


def read_configs(paths: Iterable[str | Path], faults: Faults | None = None) -> pd.DataFrame:
    """Read configurations of network functions.

    Parameters
    ----------
    paths : iterable of str or Path
        ``.yaml``/``.yml`` of Open5GS or free5GC, or CSV ``element, function, setting, value``.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; settings and values as in `SETTINGS`.

    Raises
    ------
    InputError
        With every fault of every file, if `faults` is not given.
    """
    import pandas as pd

    own, rows = Faults() if faults is None else faults, list[tuple[Any, ...]]()
    for path in map(Path, paths):
        reader = _yaml if path.suffix.lower() in (".yaml", ".yml") else _neutral
        rows += list(reader(path, shown_path(path), own))
    if faults is None:
        own.raise_errors()
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _neutral(path: Path, file: str, faults: Faults) -> Iterator[tuple[Any, ...]]:
    names = COLUMNS[:4]
    table = read_table(path, names, faults, key="setting", needed=names)
    for record in table.to_dict("records"):
        values, row = [str(record[name]) for name in names], int(record[ROW])
        setting = values[2]
        if setting not in SETTINGS:
            cure = did_you_mean(setting, SETTINGS)
            message = f'setting "{setting}" is not known.'
            faults.error("config.setting", message, cure, file=file, row=row)
            continue
        for message in _value_problems(setting, values[3]):
            cure = f"Allowed: {SETTINGS[setting]}."
            faults.error("config.value", message, cure, file=file, row=row)
        yield (*values, file, row)


def _value_problems(setting: str, value: str) -> Iterator[str]:
    if not value and setting != "suci_schemes":
        yield f"{setting} has no value."
    for word in value.split() if setting in _WORDS else ():
        if word not in _WORDS[setting]:
            yield f'{setting} is "{value}"; "{word}" is none of its values.'


def _yaml(path: Path, file: str, faults: Faults) -> Iterator[tuple[Any, ...]]:
    from cellwright.network.site_files import decode

    try:
        text, _ = decode(path.read_bytes())
    except OSError as error:
        faults.error("config.unreadable", f"cannot be read: {error}.", "Check it.", file=file)
        return
    try:
        import yaml
    except ImportError:
        raise MissingEngineError(
            'YAML is read by PyYAML: pip install "cellwright[supply]".'
        ) from None
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        message = f"no YAML: {getattr(error, 'problem', error)}."
        faults.error("config.yaml", message, "Correct this line.", file=file, row=row)
        return
    found: list[tuple[str, str, str]] = []
    if isinstance(document, dict) and isinstance(document.get("configuration"), dict):
        found = list(_free5gc(document["configuration"], file))
    elif isinstance(document, dict) and any(name in document for name in _FUNCTIONS):
        found = list(_open5gs(document))
    else:
        cure = 'Open5GS has "amf:" or the like at the top, free5GC "configuration:".'
        faults.error("config.dialect", "neither Open5GS nor free5GC.", cure, file=file)
    for function, setting, value in found:
        for message in _value_problems(setting, value):
            cure = f"Allowed: {SETTINGS[setting]}."
            faults.error("config.value", message, cure, file=file)
        yield f"{function} ({file})", function, setting, value, file, None


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _items(value: Any) -> list[Any]:
    """Return a list as it is, what stands alone as a list of one, nothing as none."""
    return value if isinstance(value, list) else [value] if value else []


def _part(value: Any, *keys: str) -> Any:
    """Follow keys through mappings; an empty mapping where one is absent."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return {} if value is None else value


def _open5gs(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    tls = _part(document, "default", "tls")
    for name in (one for one in _FUNCTIONS if one in document):
        body, function = _part(document, name), name.upper()
        security = _part(body, "security")
        for key in ("ciphering_order", "integrity_order"):
            if _part(security, key):
                yield function, key, _words(_part(security, key))
        if name == "udm":
            hnet = [one for one in _items(_part(body, "hnet")) if isinstance(one, dict)]
            yield function, "suci_schemes", _words([one.get("scheme", "") for one in hnet])
        if name == "smf" and _part(body, "security_indication"):
            for key in ("integrity", "confidentiality"):
                value = _part(body, "security_indication", f"{key}_protection_indication")
                if value:
                    yield function, f"up_{key}", str(value).replace("_", "-").lower()
        if name == "sepp":
            n32 = _items(_part(body, "n32", "server")) or [{}]
            schemes = [_part(one, "scheme") or _part(tls, "server", "scheme") for one in n32]
            safe = all(scheme == "https" for scheme in schemes)
            yield function, "n32", "tls" if safe else "none"
        if name != "upf":
            yield function, "sbi", _open5gs_sbi(body, tls)


def _open5gs_sbi(body: Any, tls: Any) -> str:
    schemes, verified = [], []
    for one in _items(_part(body, "sbi", "server")) or [{}]:
        schemes.append(_part(one, "scheme") or _part(tls, "server", "scheme") or "http")
        verified.append(_part(one, "verify_client") or _part(tls, "server", "verify_client"))
    if any(scheme != "https" for scheme in schemes):
        return "http"
    return "mutual-tls" if all(one is True for one in verified) else "tls"


def _free5gc(body: dict[str, Any], file: str) -> Iterator[tuple[str, str, str]]:
    label = (
        str(body.get("amfName", "")) + Path(file).name + " " + " ".join(map(str, body))
    ).lower()
    function = next((name for name in _FUNCTIONS if Path(file).name.lower().startswith(name)), "")
    function = (function or next((name for name in _FUNCTIONS if name in label), "nf")).upper()
    security = _part(body, "security")
    for key, ours in (("cipheringOrder", "ciphering_order"), ("integrityOrder", "integrity_order")):
        if _part(security, key):
            yield function, ours, _words(_part(security, key))
    profiles = _items(body.get("SuciProfile") or body.get("suciProfile"))
    if function == "UDM":
        schemes = [_part(one, "ProtectionScheme") for one in profiles if isinstance(one, dict)]
        yield function, "suci_schemes", _words([one for one in schemes if one != {}])
    policy = _part(body, "upSecurity")
    for key, ours in (("upIntegr", "up_integrity"), ("upConfid", "up_confidentiality")):
        if _part(policy, key):
            yield function, ours, str(policy[key]).replace("_", "-").lower()
    if "sbi" in body:
        # no key of this dialect makes a function ask its peer for a certificate
        yield function, "sbi", "tls" if _part(body, "sbi", "scheme") == "https" else "http"
