"""A request -> the rows of a source that is on the list, within its walls and its manners."""
