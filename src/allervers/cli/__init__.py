"""The command line: one file a command, registered in `main.py`. Reads arguments, calls the layers below, prints."""
