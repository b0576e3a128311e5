"""How a file tells its colours, and how they become sRGB."""
