-- Apart, for it goes over the table. What began since is named already.
UPDATE moderation_cases SET shop_id = moderation_cases_shop_of(target_kind, target_id)
 WHERE shop_id IS NULL AND target_kind <> 'USER';
ALTER TABLE moderation_cases VALIDATE CONSTRAINT moderation_cases_shop_id_fkey;
