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
    priority INTEGER NOT NULL,        -- -1: a retry or a replay
    seq INTEGER NOT NULL,             -- the order within the lane
    event INTEGER,                    -- the event's seq; null: the same
    replay TEXT,                      -- the replay that asked for it
    PRIMARY KEY (endpoint, priority, seq)
) WITHOUT ROWID;

-- Only retries and replays are in it, so live traffic pays next to nothing: what is pending for an event is found by it and by the key.
CREATE INDEX pending_by_event ON pending (event) WHERE event IS NOT NULL;

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

-- What the fast tier gave up. A row goes when the event is delivered after all.
CREATE TABLE dead_letters (
    no INTEGER PRIMARY KEY,           -- the order in which they came
    event INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    state INTEGER NOT NULL,           -- 0 resting, 1 queued again, 2 discarded
    reason TEXT NOT NULL,
    failures INTEGER NOT NULL,        -- how often the fast tier gave it up
    first_dead_at INTEGER NOT NULL,
    dead_at INTEGER NOT NULL,
    next_retry_at INTEGER,            -- null: waits for an operator
    discarded_by TEXT,
    discarded_at INTEGER
);
CREATE UNIQUE INDEX dead_letters_by_delivery ON dead_letters (event, endpoint);
CREATE INDEX dead_letters_due ON dead_letters (next_retry_at) WHERE next_retry_at IS NOT NULL;

-- The first answer to a request that bore an idempotency key.
CREATE TABLE idempotency (
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BLOB NOT NULL,          -- SHA-256
    answer BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (route, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

-- The highest sequence number ever used, for when the rows that bore it are purged.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('last_purged_seq', 0);
