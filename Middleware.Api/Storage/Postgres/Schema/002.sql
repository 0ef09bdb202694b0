-- The layouts that lanes have reached: the owner of an endpoint's shard has nothing of a former one under way, nor has anybody later.
CREATE TABLE drained (
    endpoint BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    layout INT NOT NULL,
    PRIMARY KEY (endpoint, shard)
);

-- A state for each shard.
ALTER TABLE lane_state ADD COLUMN shard SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE lane_state DROP CONSTRAINT lane_state_pkey;
ALTER TABLE lane_state ADD PRIMARY KEY (endpoint, shard);
