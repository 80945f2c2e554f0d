"""Writing: result workbooks, the district summary, and the records other programs read."""
