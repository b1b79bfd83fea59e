"""Blocks -> numbers: hashed words (`lexical`), counts and places (`structure`), and what stands around (`context`)."""
