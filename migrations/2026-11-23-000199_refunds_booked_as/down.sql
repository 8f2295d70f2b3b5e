ALTER TABLE refunds DROP COLUMN booked_as;
