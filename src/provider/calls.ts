import { connectProtocol, type Protocol } from "../protocol.ts";
import type { AddressBook } from "../deployments.ts";

/** The platform's contracts for making calls, not for reading: whoever sends fills in the rest. */
export const callsOf = (book: Pick<AddressBook, "contracts">): Protocol => connectProtocol(book, { provider: null });
