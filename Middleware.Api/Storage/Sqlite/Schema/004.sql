-- The endpoint that hears of it instead, by its number, where the state is 3: handed over.
ALTER TABLE dead_letters ADD COLUMN fallback INTEGER;

-- When the first delivery failed since the last success or change of the endpoint; null: none did.
ALTER TABLE endpoints ADD COLUMN failing_since INTEGER;
