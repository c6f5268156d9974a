import { ValidatorError, type ValidatorClient } from "../client.ts";
import type { SignedBlock, ViewSource } from "../../view/collect.ts";

/** Asks a validator for the blocks that validators have signed, on behalf of whoever collects evidence for a program. */
export function viewSourceOf(client: ValidatorClient): ViewSource {
  return {
    newest: async (most, signal) => unlessRefused(client.newestView(most, signal)),
    sign: async (number, signal) => unlessRefused(client.signedView(number, signal)),
  };
}

/** Nothing where a validator has none or is not there: others are asked as well. */
async function unlessRefused(asked: Promise<SignedBlock>): Promise<SignedBlock | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ValidatorError) return undefined;
    throw error;
  }
}
