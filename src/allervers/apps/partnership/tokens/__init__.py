"""Keys of programs to the HTTP API: made and revoked by the organisation's administrator, within one convention."""
