"""Entitled and not receiving, about to break, life events: a status and an explanation for each household and right."""
