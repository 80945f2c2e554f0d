"""Everything that is written from what is known: results, returned copies, reports, summary, records."""
