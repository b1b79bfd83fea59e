"""The classifier inside engines that others made: a step for datatrove, a callable for Ray Data. Each needs its own
extra.
"""
