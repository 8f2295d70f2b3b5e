DROP TRIGGER transfers_of_one_currency ON transfers;
DROP TRIGGER transfers_stay_all ON transfers;
DROP TRIGGER transfers_stay ON transfers;
DROP FUNCTION transfers_of_one_currency();
DROP FUNCTION transfers_stay();
