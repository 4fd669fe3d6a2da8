"""The inspector: a page in the user's own browser that shows the traffic and lets one act in the extension."""
