"""No model in it."""

HELLO = 1
