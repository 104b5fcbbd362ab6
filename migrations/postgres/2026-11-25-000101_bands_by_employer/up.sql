-- Bands are named in another way: those of one employer are neighbours. What is seen again gets its own again.
DELETE FROM vacancy_bands;
