"""Filters of the pages of plans."""
