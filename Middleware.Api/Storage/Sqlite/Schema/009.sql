-- API keys of callers, without their texts: JSON, of which members are only ever added.
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    created_at INTEGER NOT NULL,      -- microseconds since 1970, UTC
    last_used_at INTEGER              -- null: never; written at most once a minute
) WITHOUT ROWID;
