/** The chain of local networks, on which nothing has a price. */
export const LOCAL_CHAIN_ID = 31_337n;
