INSERT INTO events
SELECT seq, received_at, source, id, type, subject, verdict, state, reasons, skew_ms, body, conflict,
       NULL,
       CAST(round(unixepoch(received_at, 'subsec') * 1000) AS INTEGER) - skew_ms,
       body ->> '$.data.form.outcome',
       coalesce(body ->> '$.data.form.retry_of', body ->> '$.data.form.submission', body ->> '$.data.submission'),
       body ->> '$.data.tracker.nonce',
       CAST(body ->> '$.data.form.intent' AS INTEGER),
       touchmark_identity(source, id)
FROM events_1;
INSERT INTO rejected SELECT seq, received_at, pointer, reason, body, NULL FROM rejected_1;
INSERT INTO tally SELECT duplicate, (SELECT coalesce(max(seq), 0) FROM events) FROM tally_1;
DROP TABLE events_1;
DROP TABLE rejected_1;
DROP TABLE tally_1;
