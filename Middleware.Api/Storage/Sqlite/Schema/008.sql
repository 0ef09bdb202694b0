-- When an event was erased (microseconds since 1970, UTC; null: it was not). Its payload is empty then.
ALTER TABLE events ADD COLUMN erased_at INTEGER;

-- The idempotency key of the event's request, by which an erasure finds the answer that the key keeps; null: none.
ALTER TABLE events ADD COLUMN claim TEXT;
