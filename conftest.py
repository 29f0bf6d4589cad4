"""Parts whose optional engine is not installed are left out when doctests are collected."""

from importlib.util import find_spec

collect_ignore_glob = (
    [] if find_spec("rigour") and find_spec("rapidfuzz") else ["src/cellwright/supply/screening/*"]
)
