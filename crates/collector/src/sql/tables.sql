-- The tables of format 3. `seq` is given by the writer: it rises for ever, across resets too.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    received_at TEXT NOT NULL,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT,
    -- The page's own verdict.
    verdict TEXT,
    state TEXT NOT NULL CHECK (state IN ('good', 'bad')),
    reasons TEXT NOT NULL,
    -- Arrival minus the event's own time.
    skew_ms INTEGER,
    body TEXT NOT NULL,
    -- 1: another payload under an identity that was there already.
    conflict INTEGER NOT NULL DEFAULT 0,
    -- The test run that it belongs to.
    session TEXT,
    -- The event's own time, milliseconds since 1970.
    time_ms INTEGER,
    -- Of form_submit and form_result.
    outcome TEXT,
    -- The form_submit that this event is about: retry_of, or submission.
    relates_to TEXT,
    -- Of page events: the document that made it, and the number of the intent in it.
    nonce TEXT,
    intent INTEGER,
    -- What source and id hash to: a page of its index holds four times as many as of their texts.
    identity INTEGER NOT NULL
);
CREATE UNIQUE INDEX events_identity ON events (identity) WHERE conflict = 0;
CREATE INDEX events_conflicts ON events (identity) WHERE conflict = 1;
CREATE INDEX events_bad ON events (seq) WHERE state = 'bad';
CREATE INDEX events_submits ON events (seq) WHERE type = 'org.touchmark.form_submit' AND conflict = 0;
CREATE INDEX events_related ON events (relates_to) WHERE relates_to IS NOT NULL;
CREATE INDEX events_sessions ON events (session, seq) WHERE session IS NOT NULL;
CREATE TABLE rejected (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    pointer TEXT NOT NULL,
    reason TEXT NOT NULL,
    body BLOB NOT NULL,
    session TEXT
);
-- One row: what no table can count.
CREATE TABLE tally (duplicate INTEGER NOT NULL, last_seq INTEGER NOT NULL);
-- How far each receiver has acknowledged; `mark` is its own note, such as a file's length.
CREATE TABLE forwarded (
    receiver TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;
