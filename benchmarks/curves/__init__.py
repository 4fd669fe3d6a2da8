"""How cost grows with the size of messages, and with the number of ports, frames and bridges."""
