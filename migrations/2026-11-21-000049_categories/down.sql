ALTER TABLE categories DROP COLUMN version, DROP COLUMN description;
