-- The counts of each minute, for a day: rows of one minute are summed.
CREATE TABLE stats (
    no INTEGER PRIMARY KEY,
    minute INTEGER NOT NULL,          -- its beginning (microseconds since 1970, UTC)
    accepted INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed_attempts INTEGER NOT NULL,
    dead_letters INTEGER NOT NULL,
    expired INTEGER NOT NULL,
    left_out INTEGER NOT NULL,        -- endpoints that had something and are not in the next column
    endpoints BLOB NOT NULL           -- for each the number and the last four counts: 64 and four times 32 bits, little-endian
);
CREATE INDEX stats_by_minute ON stats (minute);
