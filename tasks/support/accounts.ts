import type { PlatformContext } from "./context.ts";
import { parseAddress, parseNumber } from "./inputs.ts";
import { InputError } from "../../src/inputError.ts";

/** Reads whose things to show: an index among the network's accounts, or any address. */
export async function parseAccount({ connection, network }: PlatformContext, text: string): Promise<string> {
  if (!/^\d+$/.test(text)) return parseAddress(text);
  const signers = await connection.ethers.getSigners();
  const signer = signers[Number(parseNumber(text, "account index"))];
  if (signer !== undefined) return signer.address;
  const remedy = `Give an index below ${String(signers.length)}, or an address.`;
  throw new InputError(`The network "${network}" has no account "${text}"`, remedy);
}
