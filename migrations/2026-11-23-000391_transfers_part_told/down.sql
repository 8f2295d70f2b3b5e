DROP TRIGGER transfers_part ON transfers;
DROP FUNCTION transfers_part();
DROP FUNCTION part_of_transfer(text, uuid, uuid, uuid);
