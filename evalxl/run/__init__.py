"""The run: an inbox into an outbox, and finished runs into one."""
