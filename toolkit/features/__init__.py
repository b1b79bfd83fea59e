"""Features of blocks: hashed words (`lexical`), counts and positions (`structure`), the surroundings (`context`)."""
