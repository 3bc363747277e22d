-- Nobody can sign in to a disabled account.
ALTER TABLE people ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_person ON sessions (person_id, created_ms);
