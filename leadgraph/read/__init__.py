"""Turtle bytes -> Source: reading what contributors send."""
