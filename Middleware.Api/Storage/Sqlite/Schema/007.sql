-- Keys that encrypt rows, each wrapped by a master key. A row names its key, so none is ever deleted.
CREATE TABLE data_keys (
    id INTEGER PRIMARY KEY,
    master TEXT NOT NULL,             -- the id of the master key
    wrapped BLOB NOT NULL,            -- nonce, ciphertext and tag
    created_at INTEGER NOT NULL       -- microseconds since 1970, UTC
);

-- The response, encrypted; it is null then. It may begin with any byte, so it cannot show that itself.
ALTER TABLE attempts ADD COLUMN sealed BLOB;
