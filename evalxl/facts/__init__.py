"""What follows from the tables, judged by no rule."""
