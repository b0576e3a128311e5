"""Many pictures in one run: which they are, what their results are called, and what becomes of each."""
