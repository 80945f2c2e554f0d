"""Into the template: last year's data, other layouts, and reports that departments already have."""
