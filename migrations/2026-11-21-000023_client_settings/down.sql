ALTER TABLE preferences
    DROP CONSTRAINT preferences_quiet_check,
    DROP COLUMN quiet_from,
    DROP COLUMN quiet_until,
    DROP COLUMN has_read_receipts,
    DROP COLUMN has_typing_indicators;
DROP TABLE client_settings;
