"""Letters before a visit: planned and sent by the worker, answered by links (docs/decisions/0007-reminders.md)."""
