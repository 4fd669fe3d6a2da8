"""The cases, in files by theme."""
