"""Every write on plans and meetings: one file a subject."""
