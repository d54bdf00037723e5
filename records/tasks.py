"""What the worker does by the clock for the records, beside clinic/tasks.py."""

from procrastinate.contrib.django import app

from records.vaccination_letters import plan_and_send


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="vaccination_letters", pass_context=False)
def send_vaccination_letters(timestamp: int) -> None:
    """Every five minutes: such a letter knows days, not minutes."""
    plan_and_send()
