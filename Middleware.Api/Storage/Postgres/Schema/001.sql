-- The same tables as in SQLite, so that the SQL of both is the same: times are microseconds since 1970 (UTC), ids are 16 bytes, big-endian.
CREATE TABLE endpoints (
    no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    failing_since BIGINT
);

-- A log, a partition for each day of its sequence numbers. Order is by seq within the stream of one writer.
CREATE TABLE events (
    seq BIGINT NOT NULL,
    id BYTEA NOT NULL,
    correlation_id TEXT NOT NULL,
    source TEXT NOT NULL,
    event_type TEXT NOT NULL,
    priority SMALLINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    endpoints INT NOT NULL,
    trace_parent TEXT,
    payload BYTEA NOT NULL,
    claim TEXT,
    erased_at BIGINT,
    expires_at BIGINT,
    PRIMARY KEY (seq)
) PARTITION BY RANGE (seq);
CREATE INDEX events_by_id ON events (id);
CREATE INDEX events_by_correlation_id ON events (correlation_id, seq);

CREATE TABLE expiring (
    expires_at BIGINT NOT NULL,
    event BIGINT NOT NULL,
    PRIMARY KEY (expires_at, event)
);

CREATE TABLE attempts (
    seq BIGINT NOT NULL,
    endpoint BIGINT NOT NULL,
    number INT NOT NULL,
    started_at BIGINT NOT NULL,
    duration BIGINT NOT NULL,
    status INT,
    reason TEXT,
    error TEXT,
    response BYTEA,
    batch BYTEA,
    sealed BYTEA,
    replica TEXT,                     -- the one that made it; null for an attempt that was copied
    PRIMARY KEY (seq, endpoint, number)
) PARTITION BY RANGE (seq);

CREATE TABLE pending (
    endpoint BIGINT NOT NULL,
    priority SMALLINT NOT NULL,
    seq BIGINT NOT NULL,
    event BIGINT,
    replay TEXT,
    tries INT,
    not_before BIGINT,
    begun BOOLEAN NOT NULL DEFAULT FALSE,   -- of a replay: true while it is under way
    key_hash BIGINT,                  -- in order by key, which has the priority 4
    PRIMARY KEY (endpoint, priority, seq)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX pending_of_replay ON pending (replay) WHERE replay IS NOT NULL;
CREATE INDEX pending_begun ON pending (endpoint) WHERE begun;
CREATE INDEX pending_by_event ON pending (event) WHERE event IS NOT NULL;

CREATE TABLE dead_letters (
    no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event BIGINT NOT NULL,
    endpoint BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    failures INT NOT NULL,
    first_dead_at BIGINT NOT NULL,
    dead_at BIGINT NOT NULL,
    next_retry_at BIGINT,
    discarded_by TEXT,
    discarded_at BIGINT,
    fallback BIGINT,
    key_hash BIGINT,
    blocks BIGINT                     -- the same while the next ones of the key wait for it
);
CREATE UNIQUE INDEX dead_letters_by_delivery ON dead_letters (event, endpoint);
CREATE INDEX dead_letters_due ON dead_letters (next_retry_at) WHERE next_retry_at IS NOT NULL;
CREATE INDEX dead_letters_that_block ON dead_letters (endpoint, blocks) WHERE blocks IS NOT NULL;

CREATE TABLE held (
    endpoint BIGINT NOT NULL,
    key_hash BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    priority SMALLINT NOT NULL,
    replay TEXT,
    tries INT,
    due BIGINT,
    begun BOOLEAN NOT NULL DEFAULT FALSE,   -- as in pending
    PRIMARY KEY (endpoint, key_hash, seq)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX held_due ON held (endpoint, due, key_hash, seq) WHERE due IS NOT NULL;
CREATE INDEX held_by_event ON held (seq, endpoint);
CREATE INDEX held_by_age ON held (endpoint, seq);
CREATE INDEX held_of_replay ON held (replay) WHERE replay IS NOT NULL;
CREATE INDEX held_begun ON held (endpoint) WHERE begun;

CREATE TABLE replays (
    no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state SMALLINT NOT NULL,
    doc TEXT NOT NULL,
    last BIGINT NOT NULL,
    at BIGINT NOT NULL,
    at_endpoint BIGINT NOT NULL,
    queued BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    erases SMALLINT NOT NULL DEFAULT 0
);
CREATE INDEX replays_running ON replays (no) WHERE state = 0;

CREATE TABLE idempotency (
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (route, key)
);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('last_purged_seq', 0);

CREATE TABLE registrations (
    endpoint BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    definition BYTEA NOT NULL,        -- UTF-8, or a ciphertext
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    is_deleted SMALLINT NOT NULL
);

CREATE TABLE batches (
    endpoint BIGINT NOT NULL,
    id BYTEA NOT NULL,
    deliveries BYTEA NOT NULL,
    PRIMARY KEY (endpoint, id)
);

CREATE TABLE data_keys (
    id INT PRIMARY KEY,
    master TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE TABLE audit (
    no BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    old TEXT,
    new TEXT,
    data_key INT NOT NULL,
    hash BYTEA NOT NULL
);

CREATE TABLE audit_anchor (
    no BIGINT PRIMARY KEY,
    hash BYTEA NOT NULL
);

-- The facts of the replicas by their sessions; the locks alone say who lives.
CREATE TABLE replicas (
    backend INT PRIMARY KEY,
    version TEXT NOT NULL,
    since BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    is_applied BOOLEAN NOT NULL
);

-- The states of lanes, as the sessions that own them last wrote them. After a crash of the server they are written anew.
CREATE UNLOGGED TABLE lane_state (
    endpoint BIGINT PRIMARY KEY,
    backend INT NOT NULL,
    circuit INT NOT NULL,
    tries BIGINT NOT NULL,            -- of the last 5 minutes
    failures BIGINT NOT NULL,
    in_a_row BIGINT NOT NULL,
    p95 BIGINT                        -- in microseconds
) WITH (fillfactor = 50);

-- One row for each committed group, by the stream of its writer: what the other replicas follow, and the proof that a group was committed.
CREATE TABLE commits (
    stream SMALLINT NOT NULL,
    number BIGINT NOT NULL,           -- the group's own, above all others of it
    lanes BIGINT[] NOT NULL DEFAULT '{}',         -- lanes with new rows, as endpoint * 8 + priority + 1
    last BIGINT[] NOT NULL DEFAULT '{}',          -- of each, the highest number
    waiting BIGINT[] NOT NULL DEFAULT '{}',       -- endpoints whose number of waiting deliveries changed
    changes INT[] NOT NULL DEFAULT '{}',          -- of each, by how many
    erased_lanes BIGINT[] NOT NULL DEFAULT '{}',  -- lanes of deliveries whose events were erased
    erased BIGINT[] NOT NULL DEFAULT '{}',        -- of each, the number
    ordered INT[] NOT NULL DEFAULT '{}',          -- of each endpoint in waiting, the change of its deliveries in order by key
    held INT[] NOT NULL DEFAULT '{}',             -- of each, of those that are held
    key_lanes BIGINT[] NOT NULL DEFAULT '{}',     -- endpoints with keys that go on, as endpoint * 2, and 1 where nothing waits any more
    keys BIGINT[] NOT NULL DEFAULT '{}',          -- of each, the key
    PRIMARY KEY (stream, number)
);
