"""A query's tree and what was received -> what to ask next, and the query without SERVICE."""
