"""The drawing kit: workbooks, tables and cells as they are written."""
