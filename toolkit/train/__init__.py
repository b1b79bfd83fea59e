"""Corpus -> model, and corpus -> figures: training, cross-validation by site, learning curves."""
