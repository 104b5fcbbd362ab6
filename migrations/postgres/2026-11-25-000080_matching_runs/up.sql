CREATE TABLE matching_runs (
    id TEXT PRIMARY KEY NOT NULL,
    status TEXT NOT NULL,
    school_id TEXT REFERENCES schools (id) ON DELETE CASCADE,
    area TEXT NOT NULL,
    matches INTEGER NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    last_graduate TEXT,
    events BIGINT NOT NULL,
    weights_version TEXT NOT NULL,
    reason TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX matching_runs_by_status ON matching_runs (status, id);

CREATE TABLE matching_results (
    run_id TEXT NOT NULL REFERENCES matching_runs (id) ON DELETE CASCADE,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    events BIGINT NOT NULL,
    matches TEXT NOT NULL,
    PRIMARY KEY (run_id, graduate_id)
);
CREATE INDEX matching_results_by_graduate ON matching_results (graduate_id);
