DROP TABLE consents;
DROP TABLE graduates;
DROP TABLE majors;
DROP TABLE schools;
DROP TABLE employers;
