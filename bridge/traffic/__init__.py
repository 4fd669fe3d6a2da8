"""The traffic of a launch: records of what happened on ports, and what is made of them."""
