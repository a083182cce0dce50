"""Pages of the data protection officer: the register of readings, the requests of persons. No household is shown."""
