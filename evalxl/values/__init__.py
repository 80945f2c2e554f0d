"""How people write texts and numbers, and what they mean."""
