import { ChainUnreachableError, type ChainAccess, type Read } from "../chain/access.ts";

/**
 * All that any endpoint names, each thing once. For what is to be done in time: to do something in vain costs little, and to leave it undone
 * because one endpoint does not tell of it costs stake.
 *
 * @param what What is read, in words.
 * @param nameOf What tells one thing from another.
 * @throws {ChainUnreachableError} Where no endpoint answers: nobody has said then that there is nothing.
 */
export async function saidByAny<T>(
  chain: Pick<ChainAccess, "readEach">,
  what: string,
  read: Read<readonly T[]>,
  nameOf: (thing: T) => string,
): Promise<T[]> {
  const said = await chain.readEach(read);
  if (said.length === 0) throw new ChainUnreachableError(`No endpoint of the chain tells ${what}`);
  return [...new Map(said.flat().map((thing) => [nameOf(thing), thing])).values()];
}
