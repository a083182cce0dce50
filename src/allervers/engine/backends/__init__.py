"""Ways of running a program: the reference (the definition), numpy by blocks, the native machine."""
