-- Times are microseconds since 1970, UTC. Words (states, kinds) are those of the JSON API.
-- The SQLite that Drover ships (3.35) has no STRICT tables yet: the checks below say what must not be mixed up.
-- No check and no trigger of a job's rows has IN with more than two values: SQLite would make a temporary table of them
-- each time, and that took more than a third of what writing a job does.

CREATE TABLE server (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    name       TEXT    NOT NULL PRIMARY KEY,
    is_admin   INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    created_at INTEGER NOT NULL CHECK (typeof(created_at) = 'integer')
) WITHOUT ROWID;

CREATE TABLE agents (
    name         TEXT NOT NULL PRIMARY KEY,
    user         TEXT NOT NULL REFERENCES users (name),
    site         TEXT NOT NULL,
    folder       TEXT,
    host         TEXT,
    unix_user    TEXT,
    process_id   INTEGER,
    version      TEXT,
    driver       TEXT,
    cpus         INTEGER,
    memory_bytes INTEGER,
    limits       TEXT NOT NULL,
    last_seen_at INTEGER
) WITHOUT ROWID;

CREATE TRIGGER agents_stay_with_user_and_site BEFORE UPDATE OF user, site ON agents
WHEN NEW.user <> OLD.user OR NEW.site <> OLD.site
BEGIN
    SELECT RAISE(ABORT, 'an agent keeps its user and its site');
END;

CREATE TABLE tokens (
    hash       TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    kind       TEXT    NOT NULL CHECK (kind IN ('user', 'agent')),
    user       TEXT    NOT NULL REFERENCES users (name),
    site       TEXT,
    agent      TEXT    REFERENCES agents (name),
    created_at INTEGER NOT NULL CHECK (typeof(created_at) = 'integer'),
    expires_at INTEGER CHECK (typeof(expires_at) IN ('integer', 'null')),
    revoked_at INTEGER CHECK (typeof(revoked_at) IN ('integer', 'null')),
    CHECK ((kind = 'agent') = (agent IS NOT NULL AND site IS NOT NULL))
) WITHOUT ROWID;

-- Arrays have numbers of the same series as jobs. Their jobs follow them, in the order of their indices.
CREATE TABLE arrays (
    id           INTEGER PRIMARY KEY CHECK (id > 0),
    user         TEXT    NOT NULL REFERENCES users (name),
    name         TEXT    NOT NULL,
    submitted_at INTEGER NOT NULL CHECK (typeof(submitted_at) = 'integer'),
    count        INTEGER NOT NULL CHECK (count > 0),
    job_json     TEXT    NOT NULL, -- What each of its jobs was asked to do.
    altered_json TEXT,             -- What is asked of those that wait since it was changed.
    indices      TEXT    NOT NULL,
    at_once      INTEGER CHECK (at_once > 0)
);

CREATE TRIGGER arrays_stay BEFORE DELETE ON arrays
BEGIN
    SELECT RAISE(ABORT, 'the record of an array stays');
END;

-- What a request with an Idempotency-Key was answered with, for a day.
CREATE TABLE answers (
    user         TEXT    NOT NULL REFERENCES users (name),
    key          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL CHECK (length(request_hash) = 64),
    answered_at  INTEGER NOT NULL CHECK (typeof(answered_at) = 'integer'),
    answer_json  TEXT    NOT NULL, -- The numbers of what was made; the answer itself is made anew from them.
    PRIMARY KEY (user, key)
) WITHOUT ROWID;

CREATE INDEX answers_by_age ON answers (answered_at);

-- What does not change with the attempt, and what lists are sorted and filtered by. The rest is in the row of the last
-- attempt. Rows are never deleted (see the trigger), so the highest number plus one was never given.
CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY CHECK (id > 0),
    user         TEXT    NOT NULL REFERENCES users (name),
    name         TEXT    NOT NULL,
    site         TEXT    NOT NULL,
    priority     INTEGER NOT NULL CHECK (typeof(priority) = 'integer'),
    cpus         INTEGER NOT NULL CHECK (cpus > 0),
    submitted_at INTEGER NOT NULL CHECK (typeof(submitted_at) = 'integer'),
    attempt      INTEGER NOT NULL CHECK (attempt > 0),
    state        TEXT    NOT NULL CHECK (state = 'queued' OR state = 'starting' OR state = 'running' OR state = 'unknown' OR state = 'ended' OR state = 'purged'),
    revision     INTEGER NOT NULL CHECK (typeof(revision) = 'integer'),
    ended_at     INTEGER CHECK (typeof(ended_at) IN ('integer', 'null')), -- By the server's clock; attempts have the agent's.
    ending       TEXT,
    cancel_json  TEXT,
    spec_json    TEXT,             -- Null in an array while it is the array's: a hundred thousand jobs share it.
    pinned       INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    array        INTEGER REFERENCES arrays (id),
    array_index  INTEGER CHECK (typeof(array_index) IN ('integer', 'null')),
    not_before   INTEGER CHECK (typeof(not_before) IN ('integer', 'null')), -- The next attempt waits until then.
    purge_at     INTEGER CHECK (typeof(purge_at) IN ('integer', 'null')), -- When its files went, or were ordered to go.
    fingerprint  TEXT,                                                      -- Of what may be reused: SHA-256.
    trace_parent TEXT,
    run_directory TEXT,            -- The name of the one that it shares; null: it has its own.
    CHECK ((array IS NULL) = (array_index IS NULL)),
    CHECK (spec_json IS NOT NULL OR array IS NOT NULL),
    CHECK ((state IN ('ended', 'purged')) = (ended_at IS NOT NULL)),
    CHECK ((ending IS NULL) = (ended_at IS NULL))
);

-- All jobs of a user newest first, and the same for each group; the primary key does it for all users. There may be
-- a million of either group, so none of these lists may walk over the other.
CREATE INDEX jobs_of_user ON jobs (user, id);
CREATE INDEX jobs_of_user_unfinished ON jobs (user, id) WHERE ended_at IS NULL;
CREATE INDEX jobs_of_user_by_priority ON jobs (user, priority DESC, id, ended_at) WHERE ended_at IS NULL;
CREATE INDEX jobs_of_user_ended ON jobs (user, id) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_of_user_by_end ON jobs (user, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_unfinished ON jobs (id) WHERE ended_at IS NULL;
CREATE INDEX jobs_ended ON jobs (id) WHERE ended_at IS NOT NULL;

CREATE INDEX jobs_of_array ON jobs (array, array_index) WHERE array IS NOT NULL;
CREATE INDEX jobs_by_fingerprint ON jobs (user, fingerprint, id) WHERE fingerprint IS NOT NULL;
CREATE INDEX jobs_with_files ON jobs (ended_at) WHERE state = 'ended' AND pinned = 0 AND run_directory IS NULL; -- Shared ones stay.

CREATE TABLE attempts (
    job        INTEGER NOT NULL REFERENCES jobs (id),
    number     INTEGER NOT NULL CHECK (number > 0),
    state      TEXT    NOT NULL CHECK (state = 'queued' OR state = 'starting' OR state = 'running' OR state = 'unknown' OR state = 'ended' OR state = 'purged'),
    agent      TEXT,
    folder     TEXT,
    process_id INTEGER,
    started_at INTEGER CHECK (typeof(started_at) IN ('integer', 'null')),
    ended_at   INTEGER CHECK (typeof(ended_at) IN ('integer', 'null')),
    end_json   TEXT,
    PRIMARY KEY (job, number),
    CHECK ((state IN ('ended', 'purged')) = (ended_at IS NOT NULL)),
    CHECK ((end_json IS NULL) = (ended_at IS NULL))
) WITHOUT ROWID;

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL CHECK (typeof(at) = 'integer'),
    job      INTEGER NOT NULL REFERENCES jobs (id),
    attempt  INTEGER NOT NULL CHECK (attempt > 0),
    kind     TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    cause    TEXT    NOT NULL,
    evidence TEXT
);

CREATE INDEX events_of_job ON events (job, sequence);

-- The table of transitions is Supervision's. This is the second lock on the door: what it must never write, it cannot.
CREATE TRIGGER jobs_begin_queued BEFORE INSERT ON jobs
WHEN NEW.state <> 'queued' OR NEW.attempt <> 1
BEGIN
    SELECT RAISE(ABORT, 'a job begins queued, with its first attempt');
END;

CREATE TRIGGER jobs_move_legally BEFORE UPDATE OF state ON jobs
WHEN NOT CASE OLD.state
    WHEN 'queued' THEN NEW.state = 'starting' OR NEW.state = 'ended'
    WHEN 'starting' THEN NEW.state = 'running' OR NEW.state = 'ended' OR NEW.state = 'unknown'
    WHEN 'running' THEN NEW.state = 'ended' OR NEW.state = 'unknown'
    WHEN 'unknown' THEN NEW.state = 'starting' OR NEW.state = 'running' OR NEW.state = 'ended'
    WHEN 'ended' THEN NEW.state = 'purged'
    ELSE 0 END
    AND NOT (NEW.state = 'queued' AND NEW.attempt = OLD.attempt + 1
        AND (OLD.state = 'starting' OR OLD.state = 'running' OR OLD.state = 'unknown'))
BEGIN
    SELECT RAISE(ABORT, 'a job does not go from this state to that');
END;

CREATE TRIGGER jobs_end_once BEFORE UPDATE OF ended_at, ending ON jobs
WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a job ends once');
END;

CREATE TRIGGER jobs_keep_what_was_asked
BEFORE UPDATE OF id, user, name, site, cpus, submitted_at, array, array_index, fingerprint, run_directory ON jobs
BEGIN
    SELECT RAISE(ABORT, 'what was asked for does not change');
END;

CREATE TRIGGER jobs_change_only_while_they_wait BEFORE UPDATE OF priority, spec_json ON jobs
WHEN OLD.state <> 'queued'
BEGIN
    SELECT RAISE(ABORT, 'what was asked for changes only while the job waits');
END;

CREATE TRIGGER jobs_keep_what_is_pinned BEFORE UPDATE OF purge_at ON jobs
WHEN OLD.pinned = 1 OR OLD.ended_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'files that are pinned stay, and so do those of a job that has not ended');
END;

CREATE TRIGGER jobs_stay BEFORE DELETE ON jobs
BEGIN
    SELECT RAISE(ABORT, 'the record of a job stays');
END;

CREATE TRIGGER attempts_begin_queued BEFORE INSERT ON attempts
WHEN NEW.state <> 'queued'
BEGIN
    SELECT RAISE(ABORT, 'an attempt begins queued');
END;

CREATE TRIGGER attempts_move_legally BEFORE UPDATE OF state ON attempts
WHEN NOT CASE OLD.state
    WHEN 'queued' THEN NEW.state = 'starting' OR NEW.state = 'ended'
    WHEN 'starting' THEN NEW.state = 'running' OR NEW.state = 'ended' OR NEW.state = 'unknown'
    WHEN 'running' THEN NEW.state = 'ended' OR NEW.state = 'unknown'
    WHEN 'unknown' THEN NEW.state = 'starting' OR NEW.state = 'running' OR NEW.state = 'ended'
    WHEN 'ended' THEN NEW.state = 'purged'
    ELSE 0 END
BEGIN
    SELECT RAISE(ABORT, 'an attempt does not go from this state to that');
END;

CREATE TRIGGER attempts_end_once BEFORE UPDATE OF ended_at, end_json ON attempts
WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an attempt ends once');
END;

CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN
    SELECT RAISE(ABORT, 'the record of an attempt stays');
END;

CREATE TRIGGER events_do_not_change BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'the audit trail only grows');
END;

CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'the audit trail only grows');
END;
