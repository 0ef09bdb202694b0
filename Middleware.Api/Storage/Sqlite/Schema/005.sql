-- Of a delivery that was tried and is still pending: how many tries of the fast tier it has spent (null: it has no attempt) ...
ALTER TABLE pending ADD COLUMN tries INTEGER;
-- ... and when the next one may start (microseconds since 1970, UTC; null: at once).
ALTER TABLE pending ADD COLUMN not_before INTEGER;
