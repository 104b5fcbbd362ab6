CREATE TABLE fair_documents (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    media_type TEXT,
    bytes BIGINT,
    sha256 TEXT NOT NULL,
    reference TEXT,
    content TEXT,
    covers TEXT NOT NULL,
    added_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX fair_documents_by_fair ON fair_documents (fair_id, id);

CREATE TABLE fair_reminders (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    city TEXT NOT NULL,
    duty TEXT NOT NULL,
    days_left INTEGER NOT NULL,
    due_on DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, duty, days_left, due_on)
);
CREATE INDEX fair_reminders_by_city ON fair_reminders (city, id);

ALTER TABLE fair_outcomes ADD COLUMN hired_on DATE;
ALTER TABLE fair_outcomes ADD COLUMN registered_on DATE;

CREATE TABLE fair_feedback (
    id TEXT PRIMARY KEY NOT NULL,
    fair_id TEXT NOT NULL REFERENCES fairs (id) ON DELETE CASCADE,
    graduate_id TEXT REFERENCES graduates (id) ON DELETE CASCADE,
    employer_id TEXT REFERENCES employers (id) ON DELETE CASCADE,
    rating INTEGER NOT NULL,
    note TEXT,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (fair_id, graduate_id),
    UNIQUE (fair_id, employer_id)
);
