DROP INDEX vacancies_by_publication;
DELETE FROM sequences WHERE name = 'vacancy_feed_floor';
