DROP INDEX blocks_inherited;
