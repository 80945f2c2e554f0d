"""Run evalxl as ``python -m evalxl``; a bureau's own template is chosen before anything is imported that knows it."""

from __future__ import annotations

import sys

from evalxl.values.errors import UsageError
from evalxl.values.layout_file import choose

EXIT_USAGE = 2


def start() -> None:
    """Run the command line."""
    sys.argv[1:] = choose(sys.argv[1:])
    try:
        from evalxl.cli import main  # only now: it knows the layout
    except UsageError as error:  # the file that declares it says what cannot be
        sys.stderr.write(f"evalxl：{error}\n")
        sys.exit(EXIT_USAGE)
    from evalxl.library import layout_in_words

    words = "" if "--quiet" in sys.argv else layout_in_words()
    if words:
        sys.stderr.write(f"{words}\n")
    main()


if __name__ == "__main__":
    start()
