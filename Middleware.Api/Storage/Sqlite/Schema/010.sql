-- The log of changes by callers and by the service. A row is written in the transaction of its change, and its hash covers that of the row before.
CREATE TABLE audit (
    no INTEGER PRIMARY KEY,           -- from 1 without a gap
    at INTEGER NOT NULL,              -- microseconds since 1970, UTC
    actor TEXT NOT NULL,
    note TEXT,                        -- the person beside the actor
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    old TEXT,                         -- JSON without secrets
    new TEXT,                         -- JSON without secrets
    data_key INTEGER NOT NULL,        -- of which the key of the hash is derived; 0: a hash without a key
    hash BLOB NOT NULL
);

-- The last row that was purged; none: all are there.
CREATE TABLE audit_anchor (
    no INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
);
