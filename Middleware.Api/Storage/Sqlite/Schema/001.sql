-- Endpoints by a short number, so that a row of what is pending is small.
CREATE TABLE endpoints (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE
);

-- A log: written once, never updated. Order is by seq.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,                 -- UUIDv7, big-endian
    correlation_id TEXT NOT NULL,
    source TEXT NOT NULL,
    event_type TEXT NOT NULL,
    priority INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,     -- microseconds since 1970, UTC
    endpoints INTEGER NOT NULL,       -- how many matched; 0 is unrouted
    trace_parent TEXT,
    payload BLOB NOT NULL
);
CREATE UNIQUE INDEX events_by_id ON events (id);
CREATE INDEX events_by_correlation_id ON events (correlation_id);

-- What is owed: inserted with the event, deleted by the transaction that records the final outcome.
CREATE TABLE pending (
    endpoint INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (endpoint, priority, seq)
) WITHOUT ROWID;

-- A log: one row for each try.
CREATE TABLE attempts (
    seq INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,      -- microseconds since 1970, UTC
    duration INTEGER NOT NULL,        -- microseconds
    status INTEGER,
    reason TEXT,                      -- null: delivered
    error TEXT,
    response BLOB,
    PRIMARY KEY (seq, endpoint, number)
) WITHOUT ROWID;

-- The highest sequence number ever used, for when the rows that bore it are purged.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('last_purged_seq', 0);
