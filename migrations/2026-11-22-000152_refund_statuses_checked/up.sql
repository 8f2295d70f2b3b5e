-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE refunds VALIDATE CONSTRAINT refunds_status_check;
