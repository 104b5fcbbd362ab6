CREATE TABLE venues (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT REFERENCES schools (id),
    name TEXT NOT NULL,
    city TEXT NOT NULL,
    district TEXT,
    address TEXT,
    booths INTEGER NOT NULL,
    capacity INTEGER,
    opens_at TEXT,
    closes_at TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX venues_by_city ON venues (city, id);

CREATE TABLE blackouts (
    id TEXT PRIMARY KEY NOT NULL,
    venue_id TEXT REFERENCES venues (id) ON DELETE CASCADE,
    school_id TEXT REFERENCES schools (id) ON DELETE CASCADE,
    city TEXT,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    reason TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE fairs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    city TEXT NOT NULL,
    school_id TEXT REFERENCES schools (id),
    venue_id TEXT REFERENCES venues (id),
    organiser TEXT NOT NULL,
    contact TEXT,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    registration_closes_at TIMESTAMP,
    booths INTEGER NOT NULL,
    seats INTEGER,
    expected_visitors INTEGER,
    open_to_public BOOLEAN NOT NULL,
    filing TEXT NOT NULL,
    calendar_sequence INTEGER NOT NULL,
    published_at TIMESTAMP,
    cancelled_reason TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX fairs_by_start ON fairs (starts_at, id);
CREATE INDEX fairs_by_city ON fairs (city, starts_at);
CREATE INDEX fairs_by_venue ON fairs (venue_id, starts_at);

CREATE TABLE fair_exhibitors (
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

CREATE TABLE fair_attendances (
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
CREATE INDEX fair_attendances_by_graduate ON fair_attendances (graduate_id);
