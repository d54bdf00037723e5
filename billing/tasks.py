"""What the worker does with money by the clock."""

from procrastinate.contrib.django import app

from billing.closing import close_income


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="income", pass_context=False)
def close_past_days(timestamp: int) -> None:
    """Every five minutes: usually there is nothing to close; a day that was opened again waits no longer than that."""
    close_income()
