"""Live suggestions: a server that learns from what annotators send, and renews the suggestions of pages that wait.

suggest   tasks -> suggestions; no network
refresh   stores them in the project
app       Label Studio's protocol for such servers, over `suggest`, `refresh` and `refit`
register  connects a project to the backend, and disconnects it
refit     counts new annotations and has `job` train beside the running server
job       the process that pulls, trains, checks and saves
run       all of it together: `pageblocks studio backend`
"""
