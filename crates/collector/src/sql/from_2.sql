-- Format 2 found events by the texts of source and id.
DROP INDEX events_identity;
DROP INDEX events_conflicts;
ALTER TABLE events ADD COLUMN identity INTEGER NOT NULL DEFAULT 0;
UPDATE events SET identity = touchmark_identity(source, id);
CREATE UNIQUE INDEX events_identity ON events (identity) WHERE conflict = 0;
CREATE INDEX events_conflicts ON events (identity) WHERE conflict = 1;
