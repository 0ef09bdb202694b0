-- The hash of the key of a delivery in order by key, which has the priority 4; null: in no order.
ALTER TABLE pending ADD COLUMN key_hash INTEGER;

-- Deliveries that wait behind a failed one of their key, or for their next attempt: apart from the window of their lane.
CREATE TABLE held (
    endpoint INTEGER NOT NULL,
    key_hash INTEGER NOT NULL,
    seq INTEGER NOT NULL,             -- the event's: the order within the key
    priority INTEGER NOT NULL,        -- 4: waits for the endpoint; -1: a retry or a replay
    replay TEXT,                      -- the replay that asked for it
    tries INTEGER,                    -- as in pending
    due INTEGER,                      -- when it may be sent (microseconds since 1970, UTC); null: an earlier one of the key is before it
    PRIMARY KEY (endpoint, key_hash, seq)
) WITHOUT ROWID;
CREATE INDEX held_due ON held (endpoint, due, key_hash, seq) WHERE due IS NOT NULL;
CREATE INDEX held_by_event ON held (seq, endpoint);
CREATE INDEX held_by_age ON held (endpoint, seq);
CREATE INDEX held_of_replay ON held (replay) WHERE replay IS NOT NULL;

-- The key of the delivery; null: it was in no order.
ALTER TABLE dead_letters ADD COLUMN key_hash INTEGER;

-- The same while the next ones of the key wait for it; null: none does.
ALTER TABLE dead_letters ADD COLUMN blocks INTEGER;
CREATE INDEX dead_letters_that_block ON dead_letters (endpoint, blocks) WHERE blocks IS NOT NULL;
