"""What the worker does by the clock. The queue is procrastinate's; this is the one module that knows it.

`manage.py procrastinate worker` finds the tasks here. No lock keeps two workers apart: the rows of the outbox do, and a
lock of the queue would stay behind a worker that was killed.
"""

from procrastinate.contrib.django import app

from clinic.reminders.sending import plan_and_send


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="reminders", pass_context=False)
def send_reminders(timestamp: int) -> None:
    """Every minute. While the last one still waits for a worker, no other is queued."""
    plan_and_send()
