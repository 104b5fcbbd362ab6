DROP TABLE fair_outcomes;
DROP TABLE fair_timetables;
DROP TABLE fair_interview_wishes;
DROP TABLE fair_plans;
DROP TABLE fair_requests;
