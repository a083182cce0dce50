"""Users and their roles, invitations, sessions, second factor, sign-in through ProConnect."""
