"""The engine: the channel to the browser, and the contexts, events and ports that Python holds. All of it is async."""
