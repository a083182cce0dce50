"""The web application put together: settings, root addresses, theme, layout. Only the command line imports it."""
