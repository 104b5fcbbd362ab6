CREATE TABLE vacancies (
    id TEXT PRIMARY KEY NOT NULL,
    status TEXT NOT NULL,
    revision BIGINT NOT NULL,
    employer_id TEXT REFERENCES employers (id),
    title TEXT NOT NULL,
    city TEXT,
    district TEXT,
    handicraft BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    findings TEXT NOT NULL,
    lexicon_version TEXT NOT NULL,
    merged_into TEXT,
    closed_reason TEXT,
    valid_from DATE,
    expires_at DATE,
    published_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX vacancies_by_status ON vacancies (status, id);
CREATE INDEX vacancies_by_employer ON vacancies (employer_id, status);
CREATE INDEX vacancies_by_expiry ON vacancies (status, expires_at);
CREATE INDEX vacancies_by_content ON vacancies (content_hash);

CREATE TABLE vacancy_events (
    seq BIGINT PRIMARY KEY NOT NULL,
    vacancy_id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX vacancy_events_by_vacancy ON vacancy_events (vacancy_id, seq);

CREATE TABLE vacancy_sources (
    source_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    vacancy_id TEXT NOT NULL REFERENCES vacancies (id) ON DELETE CASCADE,
    source_name TEXT NOT NULL,
    label TEXT,
    url TEXT,
    row_hash TEXT NOT NULL,
    changed_at TEXT,
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_id, reference)
);
CREATE INDEX vacancy_sources_by_vacancy ON vacancy_sources (vacancy_id);
