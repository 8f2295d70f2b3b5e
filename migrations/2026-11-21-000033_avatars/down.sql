DROP INDEX users_avatar;
