"""Relaxed spaces: supernets with architecture parameters, the methods that train them, and what is kept of a run."""
