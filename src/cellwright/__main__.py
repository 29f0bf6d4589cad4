"""``python -m cellwright``: the same words as the ``cellwright`` command."""

from cellwright.cli import main

main()
