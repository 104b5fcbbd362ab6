ALTER TABLE vacancies DROP COLUMN closing;
ALTER TABLE vacancies DROP COLUMN renewals;
DROP TABLE vacancy_reviews;
