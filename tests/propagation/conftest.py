"""Reads the formulas of TR 38.901 as tr3gpp prints them, so that the table itself is the oracle.

tr3gpp carries each table cell as text. ``formula`` evaluates that text: nothing of ours is in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

_TOKEN = re.compile(
    r"\\log_\{10\}|\\[a-z]+|[A-Za-z]+'?(?:_\{[^}]*\}|_\w+)?|\d+\.?\d*|[-+*/^(){}\[\],]"
)
_FUNCTIONS: dict[str, Callable[..., float]] = {
    r"\log_{10}": math.log10,
    r"\ln": math.log,
    r"\exp": math.exp,
    r"\min": min,
    r"\max": max,
}


class _Reader:
    """A recursive-descent reader of the tables' notation: products are written side by side."""

    def __init__(self, text: str, names: dict[str, Any]) -> None:
        plain = re.sub(r"\\left|\\right|\\,", "", text).replace(r"\cdot", "*")
        self.tokens = _TOKEN.findall(plain)
        self.names = names

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, wanted: str = "") -> str:
        token = self.tokens.pop(0)
        assert not wanted or token == wanted, f"{token} where {wanted} was expected"
        return token

    def sum(self) -> float:
        value = self.product()
        while self.peek() in ("+", "-"):
            sign = 1.0 if self.take() == "+" else -1.0
            value += sign * self.product()
        return value

    def product(self) -> float:
        if self.peek() == "-":
            self.take()
            return -self.product()
        value = self.power()
        while self.peek() and self.peek() not in "+-)}],":
            if self.peek() == "/":
                self.take()
                value /= self.power()
            else:
                if self.peek() == "*":
                    self.take()
                value *= self.power()
        return value

    def power(self) -> float:
        value = self.atom()
        if self.peek() == "^":
            self.take()
            value **= self.group("{", "}") if self.peek() == "{" else self.atom()
        return value

    def group(self, begin: str, end: str) -> float:
        self.take(begin)
        value = self.sum()
        self.take(end)
        return value

    def arguments(self) -> list[float]:
        self.take("(")
        values = [self.sum()]
        while self.peek() == ",":
            self.take()
            values.append(self.sum())
        self.take(")")
        return values

    def atom(self) -> float:
        token = self.peek()
        if token == "(":
            return self.group("(", ")")
        if token == "[":
            return self.group("[", "]")
        self.take()
        if token == r"\dfrac":
            return self.group("{", "}") / self.group("{", "}")
        if token == r"\pi":
            return math.pi
        if token in _FUNCTIONS:
            return _FUNCTIONS[token](*self.arguments())
        if token[0].isdigit():
            return float(token)
        value = self.names[token]
        return value(*self.arguments()) if callable(value) else float(value)


def read(text: str, **names: Any) -> float:
    reader = _Reader(text, names)
    value = reader.sum()
    assert not reader.tokens, f"left over: {reader.tokens}"
    return value


def parts(formula: str) -> dict[str, str]:
    """Split ``A = ...; \\quad B = ...`` into its named right-hand sides."""
    pieces = [piece.split("=", 1) for piece in formula.replace(r"\quad", "").split(";")]
    return {name.strip(): text.split(r", \text{ for }")[0].strip() for name, text in pieces}


def cases(text: str) -> list[str]:
    """The values of ``\\begin{cases} value & condition \\\\ ... \\end{cases}``, conditions dropped."""
    inner = text.split(r"\begin{cases}")[1].split(r"\end{cases}")[0]
    return [row.split("&")[0].strip() for row in inner.split(r"\\ ")]


@pytest.fixture(scope="session")
def table() -> Any:
    """Clause 7.4 as tr3gpp has it, with readers for its cells."""
    tr38901 = pytest.importorskip("tr3gpp").tr38901
    section = tr38901.section("7.4")
    section.read, section.parts, section.cases = read, parts, cases
    return section
