"""The language server: one capability a module, each a function of a document and an offset in it.

Only `server` and `features` know the protocol; everything else speaks of spans and offsets, and is tested without a
server.
"""
