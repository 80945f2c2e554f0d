"""What the bureau itself hands in: the roster, its rechecks, its waivers, and the outboxes of earlier runs."""
