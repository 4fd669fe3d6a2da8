"""Native messaging: the program that the browser starts for Python, and the host manifests that lead to it."""
