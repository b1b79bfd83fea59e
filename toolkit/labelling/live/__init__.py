"""Live suggestions: a server that Label Studio asks when a page is opened, and that learns from what annotators send.

suggest   tasks -> suggestions; no network
app       Label Studio's protocol for such servers, over `suggest` and `refit`
register  connects a project to the backend, and disconnects it
refit     counts new annotations and has `job` train beside the running server
job       the process that pulls, trains, checks and saves
run       all of it together: `pageblocks studio backend`
"""
