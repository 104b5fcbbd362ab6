DROP TABLE fair_feedback;
ALTER TABLE fair_outcomes DROP COLUMN registered_on;
ALTER TABLE fair_outcomes DROP COLUMN hired_on;
DROP TABLE fair_reminders;
DROP TABLE fair_documents;
