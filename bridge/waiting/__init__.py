"""Waits with limits: events and their listeners, what arrives and is kept, errors that wait to be raised."""
