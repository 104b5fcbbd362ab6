CREATE TABLE employers (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    uscc TEXT UNIQUE,
    nature TEXT,
    industry TEXT,
    city TEXT,
    district TEXT,
    address TEXT,
    introduction TEXT,
    contact_name TEXT,
    contact_phone TEXT,
    handicraft BOOLEAN,
    verified_at TIMESTAMP,
    verified_by TEXT,
    verification TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX employers_by_name ON employers (name);
CREATE INDEX employers_by_city ON employers (city, id);

CREATE TABLE schools (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    uscc TEXT UNIQUE,
    kind TEXT NOT NULL,
    city TEXT NOT NULL,
    district TEXT,
    address TEXT,
    introduction TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX schools_by_city ON schools (city, id);

CREATE TABLE majors (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    programme TEXT NOT NULL,
    catalogue TEXT,
    code TEXT,
    skills TEXT NOT NULL,
    graduates_yearly INTEGER,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (school_id, name, programme)
);

CREATE TABLE graduates (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT REFERENCES schools (id),
    student_number TEXT,
    name TEXT NOT NULL,
    birth_date DATE,
    phone TEXT,
    email TEXT,
    job_intent TEXT NOT NULL,
    intent_since TIMESTAMP,
    profile TEXT NOT NULL,
    graduates_on DATE,
    verified_at TIMESTAMP,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (school_id, student_number)
);
CREATE INDEX graduates_by_school ON graduates (school_id, id);

CREATE TABLE consents (
    id TEXT PRIMARY KEY NOT NULL,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    recipient TEXT,
    data_kinds TEXT NOT NULL,
    text_version TEXT NOT NULL,
    granted_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX consents_by_graduate ON consents (graduate_id, purpose, recipient);
