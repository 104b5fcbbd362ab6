CREATE TABLE fair_exhibitors_before (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    employer_id TEXT NOT NULL REFERENCES employers (id),
    status TEXT NOT NULL,
    booth INTEGER,
    vacancies TEXT NOT NULL,
    wishes TEXT,
    contact_name TEXT,
    contact_phone TEXT,
    reason TEXT,
    revision BIGINT NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, employer_id),
    UNIQUE (fair_id, booth)
);
INSERT INTO fair_exhibitors_before
SELECT id, fair_id, employer_id, CASE status WHEN 'offered' THEN 'waitlisted' WHEN 'lapsed' THEN 'withdrawn' ELSE status END,
    booth, vacancies, wishes, contact_name, contact_phone, reason, revision, applied_at, updated_at
FROM fair_exhibitors
WHERE session = 1 AND turn = 1;
DROP TABLE fair_exhibitors;
ALTER TABLE fair_exhibitors_before RENAME TO fair_exhibitors;

CREATE TABLE fair_attendances_before (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    seat INTEGER,
    ticket_hash TEXT UNIQUE,
    checked_in_at TIMESTAMP,
    revision BIGINT NOT NULL,
    reserved_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, graduate_id),
    UNIQUE (fair_id, seat)
);
INSERT INTO fair_attendances_before
SELECT id, fair_id, graduate_id, status, seat, NULL, checked_in_at, revision, reserved_at, updated_at
FROM fair_attendances
WHERE session = 1;
DROP TABLE fair_attendances;
ALTER TABLE fair_attendances_before RENAME TO fair_attendances;
CREATE INDEX fair_attendances_by_graduate ON fair_attendances (graduate_id);

ALTER TABLE fair_interview_wishes DROP COLUMN calendar_sequence;
DROP TABLE calendar_tokens;
DROP TABLE fair_walk_ins;
DELETE FROM sequences WHERE name IN ('ticket_keys', 'fair_timetables');
DROP TABLE ticket_keys;
DROP TABLE fair_arrangements;
