"""How much of a file is looked at, each limit with its reason; together they bound every file to about 2 s and 300 MB.

A filled template has 50 KB, unpacks to 0.3 MB, and holds 9 sheets, 5,000 cells and 30 merges.
"""

from __future__ import annotations

MAX_FILE = 50 * 2**20  # bytes; mail gateways stop at 20 to 50 MB
MAX_UNPACKED = 200 * 2**20  # bytes in all; a zip bomb of 1 MB unpacks to 1 GiB
MAX_PART = 64 * 2**20  # bytes of one part; 64 MB of shared strings cost the value reader 150 MB
MAX_INDEX = 4 * 2**20  # bytes of the lists of sheets and parts, which are parsed tag by tag (0.5 s for so many)
MAX_MEMBERS = 2_000
MAX_SHEETS = 250  # every sheet is opened where one of the template's is missing
MAX_CELLS = 1_000_000  # stored cells of a workbook; 4,000,000 cost 7.6 s to read
MAX_ODD_CELLS = 200_000  # cells in rows that must be parsed tag by tag, 4 µs each
MAX_MARKS_ANEW = 1_500_000  # tags and attributes in parts that must be written anew, 0.7 to 1.5 µs each
MAX_ROWS = 1_048_576  # rows of a sheet, as many as Excel has
MAX_COLUMNS_OF_A_SHEET = 16_384  # as many as Excel has
MAX_AREA = 5_000_000  # rows × columns up to the farthest cells of all sheets; the reader allocates the whole rectangle
MAX_MERGES = 20_000  # merged cells of a sheet; each is held against every column read
MAX_STRINGS = 1_000_000  # the number of shared strings stated, for which the reader sets memory aside unseen
MAX_TEXT = 32_767  # characters in a cell; Excel and WPS can store no more
MAX_REPEATED = 100 * 2**20  # bytes of text when each cell has a copy of its shared string, as the value reader gives it
MAX_NESTING = 200  # tags within tags; spreadsheets nest 10 deep
MAX_TAGS = 3_000_000  # tags of a sheet in OpenDocument form, 0.7 µs each

MAX_COLUMNS = 256  # what is hidden or merged beyond them is beyond any form

# Older formats are read in a process of their own.
CPU_SECONDS = 2  # where the system can count them; a filled template takes 0.1
WAIT_SECONDS = 60  # by the clock, for systems that cannot: generous, lest a busy machine refuse a good file
MEMORY = 300 * 2**20  # bytes, where the system can bound them
