"""The connections between Python and the browser: the server, the relay's socket, agents' own sockets, and links."""
