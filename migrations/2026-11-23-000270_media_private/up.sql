-- Pictures that are not everybody's: of messages. Only who is handed a URL that is good for a while sees one.
ALTER TABLE media ADD COLUMN is_private boolean NOT NULL DEFAULT false;
