DROP TABLE fair_attendances;
DROP TABLE fair_exhibitors;
DROP TABLE fairs;
DROP TABLE blackouts;
DROP TABLE venues;
