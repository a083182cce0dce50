"""Sources of the native machine, in C."""
