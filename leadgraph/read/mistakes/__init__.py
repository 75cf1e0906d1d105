"""Turtle that is none -> all its mistakes, their places, words and mends."""
