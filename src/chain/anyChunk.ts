import { randomInt } from "node:crypto";

/** More than any result has chunks, so that each is as likely: numbers beyond the last begin again with the first. */
const ANY = 2 ** 40;

/** The number of a chunk of a result that nobody can foresee: who lost any part of it does not know which is demanded. */
export const anyChunk = (): bigint => BigInt(randomInt(ANY));
