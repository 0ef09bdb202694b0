-- The layouts that lanes have reached: the owner of an endpoint's shard has nothing of a former one under way, nor has anybody later.
CREATE TABLE drained (
    endpoint BIGINT NOT NULL REFERENCES registrations (endpoint) ON DELETE CASCADE,
    shard SMALLINT NOT NULL,
    layout INT NOT NULL,
    PRIMARY KEY (endpoint, shard)
);

-- The states of lanes, each of a shard. It takes the place of lane_state, which the program before this one still writes.
CREATE UNLOGGED TABLE shard_state (
    endpoint BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    backend INT NOT NULL,
    circuit INT NOT NULL,
    tries BIGINT NOT NULL,            -- of the last 5 minutes
    failures BIGINT NOT NULL,
    in_a_row BIGINT NOT NULL,
    p95 BIGINT,                       -- in microseconds
    PRIMARY KEY (endpoint, shard)
) WITH (fillfactor = 50);
