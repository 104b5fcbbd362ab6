CREATE TABLE placements (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT REFERENCES schools (id) ON DELETE CASCADE,
    area TEXT NOT NULL,
    objective TEXT NOT NULL,
    asked TEXT NOT NULL,
    certificate TEXT NOT NULL,
    took_ms BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE placement_graduates (
    placement_id TEXT NOT NULL REFERENCES placements (id) ON DELETE CASCADE,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    vacancy_id TEXT,
    outcome TEXT NOT NULL,
    PRIMARY KEY (placement_id, graduate_id)
);
CREATE INDEX placement_graduates_by_graduate ON placement_graduates (graduate_id);
