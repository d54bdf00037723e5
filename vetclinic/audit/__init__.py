"""Who changed what, and when: kept by the database, also for a change made in psql."""
