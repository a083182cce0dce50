"""Dates, periods, files, the root error: what every other layer stands on. Imports nothing of ours."""
