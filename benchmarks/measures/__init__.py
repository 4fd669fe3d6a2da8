"""How each figure and each yardstick is measured."""
