"""The forms that departments have, read as they are and gathered into one filled template per department."""
