"""The tables of a set of workbooks, and what is found in them."""
