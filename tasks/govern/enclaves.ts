import { hexlify, ZeroHash, type Result } from "ethers";

import { parseLaunch, tellLaunch } from "./launch.ts";
import type { Call, Given, Operation } from "./operation.ts";
import type { PlatformContext } from "../support/context.ts";
import { needed, parseBytes32, parseId, parseNumber } from "../support/inputs.ts";
import { readQuoteBytes } from "../support/quoteFile.ts";
import { formatTime } from "../../src/amounts.ts";
import { InputError } from "../../src/inputError.ts";
import { parseQuote, type ReportBody } from "../../src/sgx/index.ts";

/** An entry of the allow-list. */
export type EnclaveEntry = Awaited<ReturnType<typeof readEnclaves>>[number];

/** Every entry of the allow-list, removed ones too. */
export async function readEnclaves({ protocol }: PlatformContext) {
  const { nodeRegistry } = protocol;
  const count = Number(await nodeRegistry.enclaveCount());
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { measurement, bySigner, isvProdId, minIsvSvn, removedAt, launch, launchMask } =
        await nodeRegistry.getEnclave(i + 1);
      return { id: i + 1, measurement, bySigner, isvProdId, minIsvSvn, removedAt, launch, launchMask };
    }),
  );
}

/** Which code an entry allows, in words. */
export function tellEnclave({
  measurement,
  bySigner,
  isvProdId,
  minIsvSvn,
}: Pick<EnclaveEntry, "measurement" | "bySigner" | "isvProdId" | "minIsvSvn">): string {
  if (!bySigner) return `enclave ${measurement}`;
  return `product ${isvProdId.toString()} of signer ${measurement} from version ${minIsvSvn.toString()} on`;
}

/** How an entry stands. */
export function tellEntry(entry: EnclaveEntry): string {
  return entry.removedAt === 0n ? `allowed, ${tellLaunch(entry)}` : `removed on ${formatTime(entry.removedAt)}`;
}

/** How what is to be allowed stands now. */
async function standing(
  context: PlatformContext,
  wanted: Pick<EnclaveEntry, "measurement" | "bySigner" | "isvProdId">,
) {
  const found = (await readEnclaves(context)).find(
    ({ measurement, bySigner, isvProdId, removedAt }) =>
      removedAt === 0n &&
      measurement === wanted.measurement &&
      bySigner === wanted.bySigner &&
      isvProdId === wanted.isvProdId,
  );
  return found === undefined ? "not allowed" : `${tellEntry(found)} as number ${String(found.id)}`;
}

/** Allowing what the arguments before the last two say, when launched as the last two say. */
function allowing(
  method: string,
  title: string,
  entryOf: (values: Result) => Pick<EnclaveEntry, "measurement" | "bySigner" | "isvProdId" | "minIsvSvn">,
): Operation {
  return {
    contract: "nodeRegistry",
    method,
    title,
    creates: { event: "EnclaveAllowed", argument: "enclaveId", noun: "Enclave" },
    changes: async (context, values) => {
      const entry = entryOf(values);
      const [launch, launchMask] = values.toArray().slice(-2) as [string, string];
      const from = await standing(context, entry);
      return [{ what: tellEnclave(entry), from, to: `allowed, ${tellLaunch({ launch, launchMask })}` }];
    },
  };
}

const allowEnclave = allowing("allowEnclave(bytes32,bytes20,bytes20)", "Allow an enclave", (values) => {
  const [measurement] = values as unknown as [string];
  return { measurement, bySigner: false, isvProdId: 0n, minIsvSvn: 0n };
});

const signerMethod = "allowSigner(bytes32,uint16,uint16,bytes20,bytes20)";
const allowSigner = allowing(signerMethod, "Allow a signer's enclaves", (values) => {
  const [measurement, isvProdId, minIsvSvn] = values as unknown as [string, bigint, bigint];
  return { measurement, bySigner: true, isvProdId, minIsvSvn };
});

const removeEnclave: Operation = {
  contract: "nodeRegistry",
  method: "removeEnclave(uint256)",
  title: "Remove an enclave: each of its nodes ends when its attestation lapses",
  changes: async (context, values) => {
    const [id] = values as unknown as [bigint];
    const entry = (await readEnclaves(context)).find((each) => BigInt(each.id) === id);
    const from = entry === undefined ? "no such entry" : `${tellEnclave(entry)}, ${tellEntry(entry)}`;
    return [{ what: `enclave ${id.toString()}`, from, to: "removed for good" }];
  },
};

export const enclaveOperations = [allowEnclave, allowSigner, removeEnclave];

const MAX_UINT16 = 65_535n;

/** What the enclave of a quote reported, where a quote was given. */
function reportIn(quote: string | undefined): ReportBody | undefined {
  return quote === undefined ? undefined : parseQuote(readQuoteBytes(quote)).report;
}

/** What was given, or else what a quote says. */
function either(given: string | undefined, seen: Uint8Array | undefined, option: string, what: string): string {
  const text = given ?? (seen === undefined ? undefined : hexlify(seen));
  const value = parseBytes32(needed(text, option), what);
  if (value !== ZeroHash) return value;
  throw new InputError(`The ${what} is zero`, "Give that of the enclave, as its signing tool prints it.");
}

const number16 = (text: string | undefined, seen: number | undefined, option: string): bigint =>
  parseNumber(needed(text ?? seen?.toString(), option), option, MAX_UINT16);

/** What `govern enclave ...` asks for. */
export const enclaveCommands = {
  "enclave allow": (given: Given): Call[] => {
    const report = reportIn(given.quote);
    const measurement = either(given.measurement, report?.mrEnclave, "measurement", "measurement");
    const { launch, launchMask } = parseLaunch(given, report);
    return [{ operation: allowEnclave, values: [measurement, launch, launchMask] }];
  },
  "enclave allow-signer": (given: Given): Call[] => {
    const report = reportIn(given.quote);
    const signer = either(given.signer, report?.mrSigner, "signer", "signer's hash");
    const product = number16(given.product, report?.isvProdId, "product");
    const version = number16(given.minimum, report?.isvSvn, "minimum");
    const { launch, launchMask } = parseLaunch(given, report);
    return [{ operation: allowSigner, values: [signer, product, version, launch, launchMask] }];
  },
  "enclave remove": ({ entry = "" }: Given): Call[] => [
    { operation: removeEnclave, values: [parseId(entry, "entry")] },
  ],
};
