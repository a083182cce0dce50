"""Filters of the pages of the lists."""
