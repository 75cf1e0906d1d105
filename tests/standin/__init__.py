"""A real third-party server over a piece of Wikidata, in Wikidata's place."""
