"""From the inbox to the tables: which files there are, whether they are safe, what they say."""
