ALTER TABLE sources ADD COLUMN missing_share_max DOUBLE PRECISION;
ALTER TABLE sources ADD COLUMN next_due_at TIMESTAMP;
ALTER TABLE sources ADD COLUMN snapshot_at TIMESTAMP;
CREATE INDEX sources_by_due ON sources (next_due_at);

ALTER TABLE ingest_runs ADD COLUMN replay_of TEXT;

CREATE TABLE ingest_rejects_by_reason (
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    row_key TEXT NOT NULL,
    code TEXT NOT NULL,
    reference TEXT,
    detail TEXT NOT NULL,
    raw TEXT NOT NULL,
    place BIGINT NOT NULL,
    times BIGINT NOT NULL,
    first_run_id TEXT NOT NULL,
    last_run_id TEXT NOT NULL,
    resolved_run_id TEXT,
    PRIMARY KEY (source_id, row_key, code)
);
INSERT INTO ingest_rejects_by_reason
SELECT ingest_runs.source_id, COALESCE(ingest_rejects.reference, 'place ' || ingest_rejects.place), ingest_rejects.code,
    MAX(ingest_rejects.reference), MAX(ingest_rejects.detail), MAX(ingest_rejects.raw), MAX(ingest_rejects.place), COUNT(*),
    MIN(ingest_rejects.run_id), MAX(ingest_rejects.run_id), NULL
FROM ingest_rejects JOIN ingest_runs ON ingest_runs.id = ingest_rejects.run_id
GROUP BY 1, 2, 3;
DROP TABLE ingest_rejects;
ALTER TABLE ingest_rejects_by_reason RENAME TO ingest_rejects;
CREATE INDEX ingest_rejects_by_last_run ON ingest_rejects (source_id, last_run_id);

ALTER TABLE vacancy_sources ADD COLUMN leads BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE vacancy_sources ADD COLUMN missed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vacancy_sources ADD COLUMN gone_at TIMESTAMP;
ALTER TABLE vacancy_sources ADD COLUMN body TEXT;
-- The first row of a vacancy leads it; one that a person wrote is led by none.
UPDATE vacancy_sources SET leads = FALSE
WHERE EXISTS (
    SELECT 1 FROM vacancy_events WHERE vacancy_events.vacancy_id = vacancy_sources.vacancy_id AND vacancy_events.kind = 'created'
) OR EXISTS (
    SELECT 1 FROM vacancy_sources AS earlier WHERE earlier.vacancy_id = vacancy_sources.vacancy_id
        AND (earlier.first_seen_at < vacancy_sources.first_seen_at
            OR (earlier.first_seen_at = vacancy_sources.first_seen_at
                AND (earlier.source_id < vacancy_sources.source_id
                    OR (earlier.source_id = vacancy_sources.source_id AND earlier.reference < vacancy_sources.reference))))
);

CREATE TABLE vacancy_bands (
    band BIGINT NOT NULL,
    vacancy_id TEXT NOT NULL,
    PRIMARY KEY (band, vacancy_id)
) WITHOUT ROWID;
