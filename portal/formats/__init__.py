"""How values are written; Django looks for a module by language here."""
