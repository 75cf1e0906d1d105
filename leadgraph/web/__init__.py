"""HTTP request -> response: the only user of Flask."""
