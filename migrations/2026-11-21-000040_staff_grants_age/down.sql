DROP INDEX staff_grants_age;
