"""Django admin for operators: one site, behind a second factor, made of every layer's pages."""
