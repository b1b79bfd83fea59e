"""Training, cross-validation by site, learning curves, and the final test."""
