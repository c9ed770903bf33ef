-- All tables, for SQLite and PostgreSQL. Each statement may be run again.

CREATE TABLE IF NOT EXISTS plugins (
    name TEXT PRIMARY KEY, state TEXT, success_count INTEGER, error_count INTEGER,
    total_time_ms DOUBLE PRECISION, last_execution_time_ms DOUBLE PRECISION, last_used DOUBLE PRECISION);

CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, plugin TEXT NOT NULL, payload TEXT, size INTEGER NOT NULL, request_id TEXT,
    state TEXT NOT NULL, owner TEXT, tries INTEGER NOT NULL, result TEXT, error TEXT,
    made DOUBLE PRECISION NOT NULL, lease DOUBLE PRECISION, ended DOUBLE PRECISION);
CREATE INDEX IF NOT EXISTS jobs_waiting ON jobs (made, id, size) WHERE state = 'PENDING';
CREATE INDEX IF NOT EXISTS jobs_running ON jobs (lease) WHERE state = 'RUNNING';
CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (ended) WHERE ended IS NOT NULL;

-- One row: the time by which leases and retention are counted.
CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY, now DOUBLE PRECISION NOT NULL);
INSERT INTO clock VALUES (1, 0) ON CONFLICT DO NOTHING;
