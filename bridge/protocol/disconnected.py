"""What each browser says when a script posts on a port that is closed."""

__all__ = ["DISCONNECTED"]

DISCONNECTED = {
    "chromium": "Attempting to use a disconnected port object",
    "firefox": "Attempt to postMessage on disconnected port",
}
"""The text of the error that `postMessage()` throws, by the browser."""
