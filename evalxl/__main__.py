"""Run evalxl as ``python -m evalxl``."""

from evalxl.cli import main

if __name__ == "__main__":
    main()
