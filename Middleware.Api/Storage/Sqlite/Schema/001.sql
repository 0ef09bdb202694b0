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

-- Only what a replay asked for is in it.
CREATE INDEX pending_of_replay ON pending (replay) WHERE replay IS NOT NULL;

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
    no INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they came, never used again
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

-- Bulk replays. A page of one is made pending in the transaction that moves its cursor.
CREATE TABLE replays (
    no INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they were created
    id TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL,           -- 0 running, 1 completed, 2 cancelled
    subject INTEGER NOT NULL,         -- 0 dead letters, 1 events
    target TEXT,                      -- the endpoint that hears of it; null: all that had it
    rate INTEGER,                     -- a second; null: no limit
    source TEXT,
    event_type TEXT,
    priority INTEGER,
    correlation_id TEXT,
    endpoint TEXT,
    reason TEXT,
    since INTEGER,
    until INTEGER,
    total INTEGER NOT NULL,
    is_lower_bound INTEGER NOT NULL,
    last INTEGER NOT NULL,            -- the last dead letter or event that it covers
    at INTEGER NOT NULL,              -- the cursor: the dead letter or event ...
    at_endpoint INTEGER NOT NULL,     -- ... and the endpoint up to which it is queued
    queued INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE INDEX replays_running ON replays (no) WHERE state = 0;

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
