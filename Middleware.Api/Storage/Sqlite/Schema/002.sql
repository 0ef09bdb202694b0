-- Endpoints that were registered. The built-in one has no row here, nor has one that was deleted: of them only the number stays.
CREATE TABLE registrations (
    endpoint INTEGER PRIMARY KEY,     -- its number
    version INTEGER NOT NULL,         -- counts its changes
    definition TEXT NOT NULL,         -- JSON
    created_at INTEGER NOT NULL,      -- microseconds since 1970, UTC
    changed_at INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL       -- 1: it goes when nothing is pending for it any more
);
