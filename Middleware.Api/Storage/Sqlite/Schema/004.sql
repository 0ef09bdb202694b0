-- The endpoint that hears of it instead, by its number, where the state is 3: handed over.
ALTER TABLE dead_letters ADD COLUMN fallback INTEGER;
