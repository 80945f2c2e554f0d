"""What a run keeps on disk: the database evalxl.sqlite and the outbox."""
