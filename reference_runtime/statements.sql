-- All statements, by name, for SQLite and PostgreSQL. {skip_locked} is PostgreSQL's, for services that share a database.

-- name: add job
INSERT INTO jobs (id, plugin, payload, size, request_id, state, tries, made)
SELECT :id, :plugin, :payload, :size, :request_id, 'PENDING', 0, place
FROM (SELECT count(*) AS jobs, coalesce(sum(size), 0) AS bytes, coalesce(max(made), 0) + 1 AS place
      FROM jobs WHERE state = 'PENDING') AS waiting
WHERE jobs < :most_jobs AND bytes + :size <= :most_bytes RETURNING id

-- name: job
SELECT * FROM jobs WHERE id = :id

-- name: claim a job
UPDATE jobs SET state = 'RUNNING', owner = :owner, lease = (SELECT now FROM clock) + :lease, tries = tries + 1
WHERE id = (SELECT id FROM jobs WHERE state = 'PENDING' ORDER BY made, id LIMIT 1 {skip_locked})
RETURNING id, plugin, payload, request_id

-- name: renew lease
UPDATE jobs SET lease = (SELECT now FROM clock) + :lease WHERE id = :id AND owner = :owner AND state = 'RUNNING'

-- name: end job
UPDATE jobs SET state = :state, result = :result, error = :error, ended = (SELECT now FROM clock), payload = NULL
WHERE id = :id AND owner = :owner AND state = 'RUNNING'

-- name: give job back
UPDATE jobs SET state = 'PENDING', tries = tries - 1 WHERE id = :id AND owner = :owner AND state = 'RUNNING'

-- name: cancel job
UPDATE jobs SET state = :state, result = NULL, error = :error, ended = (SELECT now FROM clock), payload = NULL
WHERE id = :id AND ended IS NULL

-- name: run lost jobs again
UPDATE jobs SET state = 'PENDING' WHERE state = 'RUNNING' AND lease < (SELECT now FROM clock) AND tries < 3

-- name: end lost jobs
UPDATE jobs SET state = :state, result = NULL, error = :error, ended = (SELECT now FROM clock), payload = NULL
WHERE state = 'RUNNING' AND lease < (SELECT now FROM clock)

-- name: drop old jobs
DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE ended < (SELECT now FROM clock) - :keep LIMIT 1000)

-- name: move clock on
UPDATE clock SET now = CASE WHEN now < :now THEN :now ELSE now END

-- name: clock
SELECT now FROM clock

-- name: write nothing
UPDATE clock SET now = now

-- name: add metrics
INSERT INTO plugins (name, success_count, error_count, total_time_ms, state, last_execution_time_ms, last_used)
VALUES (:name, :success_count, :error_count, :total_time_ms, :state, :last_execution_time_ms, :last_used)
ON CONFLICT (name) DO UPDATE SET success_count = plugins.success_count + excluded.success_count,
    error_count = plugins.error_count + excluded.error_count,
    total_time_ms = plugins.total_time_ms + excluded.total_time_ms,
    state = excluded.state, last_execution_time_ms = excluded.last_execution_time_ms, last_used = excluded.last_used

-- name: metrics
SELECT * FROM plugins
