-- The order of a replay and its total are one JSON document, of which members are only ever added.
ALTER TABLE replays ADD COLUMN doc TEXT NOT NULL DEFAULT '{}';
UPDATE replays SET doc = json_object(
    'order', json_object(
        'of', CASE subject WHEN 0 THEN 'dead_letters' ELSE 'events' END,
        'filter', json_object(
            'source', source, 'event_type', event_type, 'priority', CASE priority WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' WHEN 3 THEN 'critical' END,
            'correlation_id', correlation_id, 'endpoint_id', endpoint, 'reason', reason,
            'since', strftime('%Y-%m-%dT%H:%M:%S', (since - ((since % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch') || printf('.%06dZ', ((since % 1000000) + 1000000) % 1000000),
            'until', strftime('%Y-%m-%dT%H:%M:%S', (until - ((until % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch') || printf('.%06dZ', ((until % 1000000) + 1000000) % 1000000)),
        'endpoint_id', target, 'rate_per_second', rate),
    'total', json_object('deliveries', total, 'is_lower_bound', json(CASE is_lower_bound WHEN 0 THEN 'false' ELSE 'true' END)));
ALTER TABLE replays DROP COLUMN subject;
ALTER TABLE replays DROP COLUMN target;
ALTER TABLE replays DROP COLUMN rate;
ALTER TABLE replays DROP COLUMN source;
ALTER TABLE replays DROP COLUMN event_type;
ALTER TABLE replays DROP COLUMN priority;
ALTER TABLE replays DROP COLUMN correlation_id;
ALTER TABLE replays DROP COLUMN endpoint;
ALTER TABLE replays DROP COLUMN reason;
ALTER TABLE replays DROP COLUMN since;
ALTER TABLE replays DROP COLUMN until;
ALTER TABLE replays DROP COLUMN total;
ALTER TABLE replays DROP COLUMN is_lower_bound;
