CREATE TABLE fair_requests (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    city TEXT NOT NULL,
    school_id TEXT REFERENCES schools (id) ON DELETE CASCADE,
    employer_id TEXT REFERENCES employers (id) ON DELETE CASCADE,
    venue_id TEXT REFERENCES venues (id) ON DELETE SET NULL,
    booths INTEGER NOT NULL,
    expected_visitors INTEGER,
    teams INTEGER NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    max_shift_weeks INTEGER NOT NULL,
    wishes TEXT NOT NULL,
    fair_id TEXT REFERENCES fairs (id) ON DELETE SET NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX fair_requests_by_city ON fair_requests (city, id);

CREATE TABLE fair_plans (
    id TEXT PRIMARY KEY NOT NULL,
    area TEXT NOT NULL,
    status TEXT NOT NULL,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE fair_interview_wishes (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    employer_id TEXT NOT NULL REFERENCES employers (id) ON DELETE CASCADE,
    graduate_weight INTEGER,
    employer_weight INTEGER,
    starts_at TIMESTAMP,
    ends_at TIMESTAMP,
    desk INTEGER,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, graduate_id, employer_id)
);
CREATE INDEX fair_interview_wishes_by_graduate ON fair_interview_wishes (graduate_id, starts_at);
CREATE INDEX fair_interview_wishes_by_employer ON fair_interview_wishes (employer_id, starts_at);

CREATE TABLE fair_timetables (
    fair_id TEXT PRIMARY KEY NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE fair_outcomes (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    employer_id TEXT NOT NULL REFERENCES employers (id) ON DELETE CASCADE,
    outcome TEXT NOT NULL,
    note TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, graduate_id, employer_id)
);
