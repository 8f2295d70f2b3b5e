-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE conversations VALIDATE CONSTRAINT conversations_title_check;
ALTER TABLE conversations VALIDATE CONSTRAINT conversations_kind_check;
ALTER TABLE conversations VALIDATE CONSTRAINT conversations_shop_check;
ALTER TABLE participants VALIDATE CONSTRAINT participants_role_check;
