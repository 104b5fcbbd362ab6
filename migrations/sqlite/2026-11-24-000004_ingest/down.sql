DROP TABLE ingest_rejects;
DROP TABLE ingest_runs;
DROP TABLE sources;
