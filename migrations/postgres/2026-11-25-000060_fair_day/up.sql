CREATE TABLE fair_arrangements (
    fair_id TEXT PRIMARY KEY NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE ticket_keys (
    kid TEXT PRIMARY KEY NOT NULL,
    public_key TEXT NOT NULL,
    secret TEXT,
    created_at TIMESTAMP NOT NULL
);
INSERT INTO sequences (name, last) VALUES ('ticket_keys', 0), ('fair_timetables', 0);

CREATE TABLE fair_walk_ins (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    session INTEGER NOT NULL,
    school_id TEXT REFERENCES schools (id),
    entrance TEXT,
    people INTEGER NOT NULL,
    arrived_at TIMESTAMP NOT NULL
);
CREATE INDEX fair_walk_ins_by_fair ON fair_walk_ins (fair_id, session);

CREATE TABLE calendar_tokens (
    graduate_id TEXT PRIMARY KEY NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL
);

ALTER TABLE fair_interview_wishes ADD COLUMN calendar_sequence INTEGER NOT NULL DEFAULT 0;

CREATE TABLE fair_attendances_anew (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    session INTEGER NOT NULL,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    seat INTEGER,
    walk_in BOOLEAN NOT NULL,
    entrance TEXT,
    checked_in_at TIMESTAMP,
    revision BIGINT NOT NULL,
    reserved_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, session, graduate_id),
    UNIQUE (fair_id, session, seat)
);
INSERT INTO fair_attendances_anew
SELECT id, fair_id, 1, graduate_id, status, seat, FALSE, NULL, checked_in_at, revision, reserved_at, updated_at
FROM fair_attendances;
DROP TABLE fair_attendances;
ALTER TABLE fair_attendances_anew RENAME TO fair_attendances;
CREATE INDEX fair_attendances_by_graduate ON fair_attendances (graduate_id);

CREATE TABLE fair_exhibitors_anew (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    session INTEGER NOT NULL,
    employer_id TEXT NOT NULL REFERENCES employers (id),
    turn INTEGER NOT NULL,
    status TEXT NOT NULL,
    booth INTEGER,
    kept_until TIMESTAMP,
    brings TEXT NOT NULL,
    documents_checked_at TIMESTAMP,
    presence TEXT,
    contact_name TEXT,
    contact_phone TEXT,
    vacancies TEXT NOT NULL,
    wishes TEXT,
    reason TEXT,
    revision BIGINT NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, session, employer_id, turn),
    UNIQUE (fair_id, session, booth)
);
INSERT INTO fair_exhibitors_anew
SELECT id, fair_id, 1, employer_id, 1, status, booth, NULL, '{}', NULL, NULL, contact_name, contact_phone, vacancies,
    wishes, reason, revision, applied_at, updated_at
FROM fair_exhibitors;
DROP TABLE fair_exhibitors;
ALTER TABLE fair_exhibitors_anew RENAME TO fair_exhibitors;
CREATE INDEX fair_exhibitors_by_employer ON fair_exhibitors (employer_id);
CREATE INDEX fair_exhibitors_by_deadline ON fair_exhibitors (kept_until);
