"""The traffic of a launch: records what happens on ports, and offers it as lists, text and files."""
