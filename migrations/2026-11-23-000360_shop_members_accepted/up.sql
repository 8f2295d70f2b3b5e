-- Whether somebody has said themself that they work for the shop, or the other owners alone do. Who did so before was not asked, and is taken by their word.
ALTER TABLE shop_members ADD COLUMN is_accepted boolean NOT NULL DEFAULT true;
