-- Batches that are sent or about to be: kept before, gone with the outcome of their deliveries. A batch is sent again as it was after a crash.
CREATE TABLE batches (
    endpoint INTEGER NOT NULL,
    id BLOB NOT NULL,                 -- UUIDv7, big-endian: the webhook-id
    deliveries BLOB NOT NULL,         -- of each, in order: priority (1 byte) and seq (8 bytes, big-endian) in pending
    PRIMARY KEY (endpoint, id)
) WITHOUT ROWID;

-- The batch that a try was made with; null: a request of its own.
ALTER TABLE attempts ADD COLUMN batch BLOB;
