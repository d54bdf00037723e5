"""Letters before a visit: planned and sent by the worker, answered by their links (docs/decisions/0007-reminders.md)."""
