DROP TABLE vacancy_sources;
DROP TABLE vacancy_events;
DROP TABLE vacancies;
