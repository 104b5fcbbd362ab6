DROP TABLE sequences;
DROP TABLE audit_events;
DROP TABLE claims;
DROP TABLE idempotency_keys;
DROP TABLE api_keys;
DROP TABLE sessions;
DROP TABLE accounts;
