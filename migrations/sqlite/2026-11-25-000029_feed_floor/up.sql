INSERT INTO sequences (name, last) VALUES ('vacancy_feed_floor', 0);
CREATE INDEX vacancies_by_publication ON vacancies (status, published_at, id);
