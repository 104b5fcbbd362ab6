DROP TABLE training_trainees;
DROP TABLE training_orders;
