"""A page made to be printed, as a PDF: what the page says is the only source of what the document says."""
