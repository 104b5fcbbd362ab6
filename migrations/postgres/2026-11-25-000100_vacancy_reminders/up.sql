CREATE TABLE vacancy_reminders (
    id TEXT PRIMARY KEY NOT NULL,
    vacancy_id TEXT NOT NULL REFERENCES vacancies (id) ON DELETE CASCADE,
    employer_id TEXT NOT NULL REFERENCES employers (id) ON DELETE CASCADE,
    city TEXT,
    title TEXT NOT NULL,
    days_left INTEGER NOT NULL,
    expires_at DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (vacancy_id, expires_at, days_left)
);
CREATE INDEX vacancy_reminders_by_employer ON vacancy_reminders (employer_id, id);
CREATE INDEX vacancy_reminders_by_city ON vacancy_reminders (city, id);
