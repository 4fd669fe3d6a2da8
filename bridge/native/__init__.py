"""Native messaging: the program that the browser starts for Python, and the manifests by which it finds programs."""
