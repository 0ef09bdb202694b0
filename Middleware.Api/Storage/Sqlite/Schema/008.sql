-- When an event was erased (microseconds since 1970, UTC; null: it was not). Its payload is empty then.
ALTER TABLE events ADD COLUMN erased_at INTEGER;

-- The idempotency key of the event's request, by which an erasure finds the answer that the key keeps; null: none.
ALTER TABLE events ADD COLUMN claim TEXT;

-- 1: a bulk erasure, which walks events as a replay does and delivers nothing.
ALTER TABLE replays ADD COLUMN erases INTEGER NOT NULL DEFAULT 0;
