"""The tabs of the web demo. `app.py` puts them together."""
