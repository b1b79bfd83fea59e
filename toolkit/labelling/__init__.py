"""A corpus and its people: annotations, agreement, gold, doubts, and the way to and from Label Studio."""
