"""Python holds genuine WebExtension Ports in real browsers: see `bridge.async_api` and `bridge.sync_api`."""

__all__ = ["__version__"]

__version__ = "0.1.0"
