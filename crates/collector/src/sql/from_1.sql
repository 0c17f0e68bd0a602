-- Format 1 had fewer columns; what they hold is read from the bodies once.
ALTER TABLE events RENAME TO events_1;
ALTER TABLE rejected RENAME TO rejected_1;
ALTER TABLE tally RENAME TO tally_1;
DROP INDEX events_identity;
DROP INDEX events_conflicts;
DROP INDEX events_bad;
