-- Apart, for nobody must be kept from blocking meanwhile.
CREATE INDEX CONCURRENTLY blocks_inherited ON blocks (inherited_from);
