"""The embedded images and the loader of a user's own."""
