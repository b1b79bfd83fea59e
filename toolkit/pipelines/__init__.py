"""The classifier inside other engines: steps for datatrove, a callable class for Ray Data. Each has its own extra."""
