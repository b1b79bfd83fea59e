"""What knows nothing of pages: files, text, limits."""
