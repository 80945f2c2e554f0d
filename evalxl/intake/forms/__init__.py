"""The forms that departments already fill in each year: how each is declared, and what tells it from other sheets."""
