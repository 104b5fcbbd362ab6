CREATE TABLE vacancy_reviews (
    id TEXT PRIMARY KEY NOT NULL,
    vacancy_id TEXT NOT NULL REFERENCES vacancies (id) ON DELETE CASCADE,
    city TEXT,
    snapshot TEXT NOT NULL,
    changed TEXT NOT NULL,
    findings TEXT NOT NULL,
    dismissed TEXT NOT NULL,
    indicators TEXT NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    outcome TEXT,
    reviewer TEXT,
    reason TEXT,
    decided_at TIMESTAMP
);
CREATE INDEX vacancy_reviews_by_vacancy ON vacancy_reviews (vacancy_id, id);
CREATE INDEX vacancy_reviews_waiting ON vacancy_reviews (id) WHERE outcome IS NULL;
CREATE UNIQUE INDEX vacancy_reviews_one_waiting ON vacancy_reviews (vacancy_id) WHERE outcome IS NULL;
ALTER TABLE vacancies ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vacancies ADD COLUMN closing TEXT;
