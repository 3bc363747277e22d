-- Times are milliseconds since 1970 (UTC), money is in minor units, versions count the commits of one person.
-- Every list has a `row` that grows: the last tie-break of its order, and stable over VACUUM.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE, -- in lower case
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    demo INTEGER NOT NULL DEFAULT 0,
    download_limit INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    favorites_version INTEGER NOT NULL DEFAULT 0,
    orders_version INTEGER NOT NULL DEFAULT 0,
    downloads_version INTEGER NOT NULL DEFAULT 0,
    activity_version INTEGER NOT NULL DEFAULT 0,
    stats_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY, -- SHA-256 of what the cookie holds
    id TEXT NOT NULL UNIQUE,     -- the public name of the sign-in, the `jti` of its tokens
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_ms);

CREATE TABLE beats (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    genre TEXT NOT NULL,
    bpm INTEGER NOT NULL,
    key TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    currency TEXT NOT NULL,
    basic INTEGER NOT NULL,
    premium INTEGER NOT NULL,
    unlimited INTEGER NOT NULL,
    plays INTEGER NOT NULL,
    search TEXT NOT NULL -- title, artist, genre and key in lower case
) STRICT;

CREATE TABLE favorites (
    row INTEGER PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    beat_id TEXT NOT NULL REFERENCES beats (id),
    added_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (person_id, beat_id)
) STRICT;
CREATE INDEX favorites_in_order ON favorites (person_id, added_ms, version, row);

CREATE TABLE orders (
    row INTEGER PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    status TEXT NOT NULL,
    total INTEGER NOT NULL,
    currency TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    paid_ms INTEGER,      -- set while it counts as paid or completed
    next_step_ms INTEGER, -- when the order moves on by itself
    version INTEGER NOT NULL,
    UNIQUE (person_id, id)
) STRICT;
CREATE INDEX orders_in_order ON orders (person_id, created_ms, version, row);
CREATE INDEX orders_due ON orders (next_step_ms) WHERE next_step_ms IS NOT NULL;

CREATE TABLE order_lines (
    order_row INTEGER NOT NULL REFERENCES orders (row) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    beat_id TEXT NOT NULL,
    title TEXT NOT NULL,
    license TEXT NOT NULL,
    price INTEGER NOT NULL,
    PRIMARY KEY (order_row, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_lines_by_beat ON order_lines (person_id, beat_id);

CREATE TABLE downloads (
    row INTEGER PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    beat_id TEXT NOT NULL REFERENCES beats (id),
    title TEXT NOT NULL,
    format TEXT NOT NULL,
    status TEXT NOT NULL,
    progress INTEGER NOT NULL,
    size_bytes INTEGER,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    version INTEGER NOT NULL,
    UNIQUE (person_id, id)
) STRICT;
CREATE INDEX downloads_in_order ON downloads (person_id, created_ms, version, row);
CREATE INDEX downloads_unfinished ON downloads (row) WHERE status IN ('queued', 'preparing');

CREATE TABLE activity (
    row INTEGER PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    mutation_id TEXT,
    beat_id TEXT,
    title TEXT,
    order_id TEXT,
    download_id TEXT,
    version INTEGER NOT NULL,
    UNIQUE (person_id, id)
) STRICT;
CREATE INDEX activity_in_order ON activity (person_id, at_ms, version, row);

-- The statistics as they were last published, and the day (UTC) they were made for.
CREATE TABLE stats (
    person_id TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    body_hash BLOB NOT NULL, -- SHA-256 of kind and arguments in canonical form
    version INTEGER NOT NULL,
    result TEXT NOT NULL,    -- the result as it was answered
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdicts_by_age ON verdicts (at_ms);

-- Events that were committed and not yet published. AUTOINCREMENT, so that no id comes twice.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
