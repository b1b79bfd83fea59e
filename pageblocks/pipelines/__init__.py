"""The classifier inside datatrove and Ray Data."""
