DELETE FROM vacancy_bands;
