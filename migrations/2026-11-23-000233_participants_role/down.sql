ALTER TABLE participants
    DROP COLUMN role,
    DROP COLUMN joined_number;
