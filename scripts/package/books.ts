import { findAddresses, listNetworks, writeAddressBook } from "../../src/deployments.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** Copies the address books of real networks, whatever they are called: those of local chains mean nothing elsewhere. */
export function copyBooks(from: string, to: string): void {
  for (const network of listNetworks(from)) {
    const book = findAddresses(network, from);
    if (book !== undefined && BigInt(book.chainId) !== LOCAL_CHAIN_ID) writeAddressBook(to, book);
  }
}
