/** The chain of local networks, on which nothing has a price. */
export const LOCAL_CHAIN_ID = 31_337n;

/** What a chain of our own must be, whatever the project has made of Hardhat's default network: the contracts are compiled for Osaka. */
export const LOCAL_CHAIN = { chainId: Number(LOCAL_CHAIN_ID), hardfork: "osaka" } as const;
