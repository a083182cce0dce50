"""Pages of plans, of follow-ups, of figures and of the counter: one read or one action a request."""
