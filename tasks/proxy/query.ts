import { writeFileSync } from "node:fs";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { needed, readBytes } from "../support/inputs.ts";
import { readCapability } from "./capabilityFile.ts";
import { evidenceFor } from "./evidence.ts";
import { contentHashBy, type DatasetArguments } from "./dataset.ts";
import { programOf } from "./programs.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";
import { textOf } from "../../src/fileText.ts";
import { InputError } from "../../src/inputError.ts";
import { parsedJson } from "../../src/json.ts";
import type { ProxyClient } from "../../src/proxy/client.ts";
import type { SignedCapability } from "../../src/proxy/protocol.ts";

interface Arguments extends ProxyArguments, DatasetArguments {
  readonly program: string;
  readonly parameters: string | undefined;
  readonly capability: string | undefined;
  readonly validators: string;
  readonly out: string;
}

interface Answered {
  readonly result: Uint8Array;
  readonly data: Record<string, unknown>;
  readonly rows: [string, string][];
}

function readParameters(file: string): unknown {
  const value = parsedJson(textOf(readBytes(file)) ?? "");
  if (value !== undefined) return value;
  throw new InputError(`"${file}" is not JSON`, 'Write the program\'s parameters into it, such as { "epochs": 20 }.');
}

async function own(args: Arguments, client: ProxyClient, parameters: unknown): Promise<Answered> {
  const contentHash = contentHashBy(args);
  const program = await programOf(client, args.program);
  const result = await client.query(contentHash, program, parameters);
  return {
    result,
    data: { contentHash, program },
    rows: [
      ["Dataset", contentHash],
      ["Program", program],
    ],
  };
}

async function lent(
  { validators }: Arguments,
  context: PlatformContext,
  client: ProxyClient,
  { capability, parameters }: { readonly capability: SignedCapability; readonly parameters: unknown },
): Promise<Answered> {
  const { contentHash, program, owner } = capability;
  const evidence = await evidenceFor(context, client, capability, validators);
  const { result, usesLeft, budgetLeft } = await client.use(capability, parameters, evidence);
  const left = `${usesLeft.toString()} uses and ${budgetLeft.toString()} bytes`;
  return {
    result,
    data: { owner, contentHash, program, usesLeft, budgetLeft },
    rows: [
      ["Dataset", `${contentHash} of ${owner}`],
      ["Program", program],
      ["Left", left],
    ],
  };
}

function capabilityOf(args: Arguments, context: PlatformContext): SignedCapability | undefined {
  if (args.capability === undefined) return undefined;
  if (args.hash === undefined && args.file === undefined) return readCapability(context, args.capability);
  throw new InputError("A capability names its dataset itself", "Leave out --hash and --file.");
}

export default action(async (args: Arguments, context) => {
  const parameters = readParameters(needed(args.parameters, "parameters"));
  const capability = capabilityOf(args, context);
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  const answered =
    capability === undefined
      ? await own(args, client, parameters)
      : await lent(args, context, client, { capability, parameters });
  writeFileSync(args.out, answered.result, { mode: 0o600 });
  return {
    data: { nodeId: proxy.enclave.node.nodeId, gateway: proxy.origin, ...answered.data, file: args.out },
    rows: [...proxy.rows, ...answered.rows, ["Result", `${args.out}, ${String(answered.result.length)} bytes`]],
  };
});
