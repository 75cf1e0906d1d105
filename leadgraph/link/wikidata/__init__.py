"""Our links -> what Wikidata says of them: fetched, compared, suggested and exported."""
