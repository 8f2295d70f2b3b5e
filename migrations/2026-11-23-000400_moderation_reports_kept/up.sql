-- What was reported and is not forgotten yet is found by it, and not by going over all that was ever decided.
CREATE INDEX CONCURRENTLY moderation_reports_kept ON moderation_reports (case_id)
    WHERE note <> '' OR texts <> '{}' OR attachments <> '{}';
