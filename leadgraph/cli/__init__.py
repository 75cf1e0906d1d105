"""Command line -> the steps: the only user of click."""
