DROP TABLE vacancy_bands;
ALTER TABLE vacancy_sources DROP COLUMN body;
ALTER TABLE vacancy_sources DROP COLUMN gone_at;
ALTER TABLE vacancy_sources DROP COLUMN missed;
ALTER TABLE vacancy_sources DROP COLUMN leads;

CREATE TABLE ingest_rejects_by_run (
    run_id TEXT NOT NULL REFERENCES ingest_runs (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    reference TEXT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (run_id, place)
);
INSERT INTO ingest_rejects_by_run
SELECT last_run_id, place, MAX(reference), MAX(code), MAX(detail), MAX(raw) FROM ingest_rejects
WHERE last_run_id IN (SELECT id FROM ingest_runs)
GROUP BY last_run_id, place;
DROP TABLE ingest_rejects;
ALTER TABLE ingest_rejects_by_run RENAME TO ingest_rejects;

ALTER TABLE ingest_runs DROP COLUMN replay_of;

DROP INDEX sources_by_due;
ALTER TABLE sources DROP COLUMN snapshot_at;
ALTER TABLE sources DROP COLUMN next_due_at;
ALTER TABLE sources DROP COLUMN missing_share_max;
