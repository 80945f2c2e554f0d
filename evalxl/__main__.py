"""Run evalxl as ``python -m evalxl``; a bureau's own template is chosen before anything is imported that knows it."""

from __future__ import annotations

import sys

from evalxl.values.layout_file import choose, named

EXIT_USAGE = 2


def start() -> None:
    """Run the command line."""
    sys.argv[1:] = choose(sys.argv[1:])
    if named():
        _tell_layout()
    from evalxl.cli import main  # only now: it knows the layout

    main()


def _tell_layout() -> None:
    """Say which template of a bureau's own is in use; the file that declares it says what cannot be."""
    from evalxl.values.errors import UsageError

    try:
        from evalxl.library import layout_in_words

        words = "" if "--quiet" in sys.argv else f"{layout_in_words()}\n"
    except UsageError as error:
        sys.stderr.write(f"evalxl：{error}\n")
        sys.exit(EXIT_USAGE)
    sys.stderr.write(words)


if __name__ == "__main__":
    start()
