-- When the event expires (microseconds since 1970, UTC); null: never.
ALTER TABLE events ADD COLUMN expires_at INTEGER;

-- The events that expire, until a sweep has ended what was owed of them. An index on the events would find the swept ones again each time.
CREATE TABLE expiring (
    expires_at INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (expires_at, event)
) WITHOUT ROWID;
