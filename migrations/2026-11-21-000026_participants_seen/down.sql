DROP INDEX participants_seen;
