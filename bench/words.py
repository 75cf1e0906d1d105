"""The words that the generated graph is written with."""

LANGUAGES = ("en", "es", "fr", "ar", "de", "pt")
"""The languages of the project; the first is that of every skos:prefLabel."""

NOUNS: dict[str, tuple[str, ...]] = {
    "en": ("Mentor", "Organizer", "Editor", "Curator", "Trainer", "Facilitator", "Reviewer"),
    "es": ("Mentora", "Organizadora", "Editora", "Curadora", "Formadora", "Guía", "Revisora"),
    "fr": (
        "Mentore",
        "Organisatrice",
        "Éditrice",
        "Curatrice",
        "Formatrice",
        "Guide",
        "Relectrice",
    ),
    "ar": ("مرشدة", "منظمة", "محررة", "أمينة", "مدربة", "ميسرة", "مراجعة"),
    "de": (
        "Mentorin",
        "Organisatorin",
        "Autorin",
        "Kuratorin",
        "Lehrende",
        "Begleiterin",
        "Prüferin",
    ),
    "pt": ("Mentora", "Organizadora", "Editora", "Curadora", "Formadora", "Mediadora", "Revisora"),
}
"""The same seven persons in each language."""

THEMES: dict[str, tuple[str, ...]] = {
    "en": ("newcomers", "campaigns", "translation", "small wikis", "partnerships", "conflicts"),
    "es": ("novatos", "campañas", "traducción", "wikis pequeñas", "alianzas", "conflictos"),
    "fr": ("débutants", "campagnes", "traduction", "petits wikis", "partenariats", "conflits"),
    "ar": ("الجدد", "الحملات", "الترجمة", "الويكيات الصغيرة", "الشراكات", "النزاعات"),
    "de": ("Neulinge", "Kampagnen", "Übersetzung", "kleine Wikis", "Partner", "Konflikte"),
    "pt": ("novatos", "campanhas", "tradução", "wikis pequenas", "parcerias", "conflitos"),
}
"""What the persons care for, in each language."""

NOTE = (
    "what a page states", "was read", "by volunteers", "in the year of the survey",
    "and may change", "each community", "keeps its own list", "of people", "who help",
    "with events", "with software", "with safety", "across languages", "step by step",
)  # fmt: skip
"""The pieces of notes, the frequent ones first."""
