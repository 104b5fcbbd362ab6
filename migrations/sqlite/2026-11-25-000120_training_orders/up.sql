CREATE TABLE training_orders (
    id TEXT PRIMARY KEY NOT NULL,
    employer_id TEXT NOT NULL REFERENCES employers (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    city TEXT NOT NULL,
    status TEXT NOT NULL,
    offered_by TEXT NOT NULL,
    headcount INTEGER NOT NULL,
    body TEXT NOT NULL,
    reason TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX training_orders_by_employer ON training_orders (employer_id);
CREATE INDEX training_orders_by_school ON training_orders (school_id);

CREATE TABLE training_trainees (
    order_id TEXT NOT NULL REFERENCES training_orders (id) ON DELETE CASCADE,
    graduate_id TEXT NOT NULL REFERENCES graduates (id) ON DELETE CASCADE,
    enrolled_on DATE NOT NULL,
    finished_on DATE,
    certificate TEXT,
    hired_on DATE,
    wage BIGINT,
    retained_six_months BOOLEAN,
    revision BIGINT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (order_id, graduate_id)
);
CREATE INDEX training_trainees_by_graduate ON training_trainees (graduate_id);
