CREATE TABLE sources (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    url TEXT,
    label TEXT,
    city TEXT,
    allow_private_network BOOLEAN NOT NULL,
    schedule TEXT,
    mapping TEXT,
    feed_cursor TEXT,
    disabled_at TIMESTAMP,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE ingest_runs (
    id TEXT PRIMARY KEY NOT NULL,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    reason TEXT,
    fetched BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    merged BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    quarantined_fields TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX ingest_runs_by_source ON ingest_runs (source_id, started_at);

CREATE TABLE ingest_rejects (
    run_id TEXT NOT NULL REFERENCES ingest_runs (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    reference TEXT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (run_id, place)
);
