/** Tables of this room, as SQL. */
export const meteringTables = "";
