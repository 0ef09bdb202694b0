-- The counts of each minute, for a day: rows of one minute are summed, one or more of each replica.
CREATE TABLE stats (
    no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    minute BIGINT NOT NULL,           -- its beginning (microseconds since 1970, UTC)
    accepted BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed_attempts BIGINT NOT NULL,
    dead_letters BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    left_out INT NOT NULL,            -- endpoints that had something and are not in the next column
    endpoints BYTEA NOT NULL          -- for each the number and the last four counts: 64 and four times 32 bits, little-endian
);
CREATE INDEX stats_by_minute ON stats (minute);
