DROP VIEW part_entries;
