"""One reader of sentences: what is named, which figure, which year, budget or execution, part or whole; no rules."""
