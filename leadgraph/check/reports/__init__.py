"""Report -> text for people, and the documents that programs read."""
