"""The independent audit: every signed figure added again by a second reader, and every file held against its hash."""
