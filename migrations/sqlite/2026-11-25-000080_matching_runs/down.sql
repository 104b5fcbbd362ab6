DROP TABLE matching_results;
DROP TABLE matching_runs;
