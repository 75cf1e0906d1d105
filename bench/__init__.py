"""Data and queries -> the same questions to several servers -> a table of ratios."""
