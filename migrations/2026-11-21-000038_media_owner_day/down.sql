DROP INDEX media_owner_day;
