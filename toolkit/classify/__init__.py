"""Pages -> labelled blocks and their main content."""
