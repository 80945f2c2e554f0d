"""The command line."""

from evalxl.cli.app import app
from evalxl.cli.main import main

__all__ = ["app", "main"]
