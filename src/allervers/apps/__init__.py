"""The sub-domains of the web application, one folder each, with the same file names in each."""
