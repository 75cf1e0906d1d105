"""Turtle -> the same Turtle in one layout."""
