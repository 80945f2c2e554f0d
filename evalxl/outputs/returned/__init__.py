"""The returned copy: the sender's own workbook with a list of findings in front and every faulty cell marked."""

from evalxl.outputs.returned.copying import list_alone, returned_copy
from evalxl.outputs.returned.fallback import write_findings_workbook
from evalxl.outputs.returned.marking import mark
from evalxl.outputs.returned.markup import CannotMark

__all__ = ["CannotMark", "list_alone", "mark", "returned_copy", "write_findings_workbook"]
