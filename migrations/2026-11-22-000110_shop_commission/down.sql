ALTER TABLE shops DROP COLUMN commission_rate;
