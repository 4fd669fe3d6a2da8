"""Builds the extensions that the browser loads: the instrumented copy of the user's own, and the relay."""
