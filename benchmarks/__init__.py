"""How fast the bridge is, next to what the browser itself takes and to what users would do instead.

Start it with scripts/bench. A *figure* is one thing measured through the bridge's public API; a *yardstick* is measured
beside it, in the same rounds, and may be raw (a WebSocket, a Port in pure JavaScript) or a peer (Playwright's evaluate,
Selenium). What counts is the ratio of the two, which says little about the machine. `figures.py` lists the figures.
"""
