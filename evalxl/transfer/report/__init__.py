"""A typed report, read into the template."""
