-- The status that an order got, for rows about a change of status. Older rows have none.
ALTER TABLE activity ADD COLUMN order_status TEXT;
