"""Answers -> what people ask: things described, lists for pages."""
