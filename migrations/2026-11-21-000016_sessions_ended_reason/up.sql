-- By itself, so that sessions can be written to while all of them are looked at.
ALTER TABLE sessions VALIDATE CONSTRAINT sessions_ended_reason_check;
