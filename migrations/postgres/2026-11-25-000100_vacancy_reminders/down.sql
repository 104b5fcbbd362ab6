DROP TABLE vacancy_reminders;
