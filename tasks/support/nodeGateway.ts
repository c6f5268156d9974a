import { open } from "node:fs/promises";

import { signerOf, type PlatformContext } from "./context.ts";
import { runOne } from "./progress.ts";
import { confirmGateway } from "../../src/gateway/client/gatewayInfo.ts";
import { gatewayOrigin } from "../../src/gateway/client/request.ts";
import { TransferClient, type Resource, type SentFile } from "../../src/gateway/client/transferClient.ts";
import { publicFetch } from "../../src/gateway/fetch/publicFetch.ts";
import { isLoopback } from "../../src/gateway/ipAddress.ts";
import { InputError } from "../../src/inputError.ts";
import { LOCAL_CHAIN_ID } from "../../src/localChain.ts";

/** The options that say where a node's gateway is. */
export interface NodeGatewayArguments {
  readonly gateway: string | undefined;
  readonly allowLoopback: boolean;
}

/** What says where a node's gateway is: commands that have no `--allow-loopback` may reach this machine on a devnet. */
export type GatewayPlace = Partial<NodeGatewayArguments>;

/** A node's gateway, as it is asked. */
export interface NodeGateway {
  readonly origin: string;
  /** Undefined for the system's own. */
  readonly fetch: typeof fetch | undefined;
}

/**
 * A node's gateway: where the user says, or else where the chain says. What the chain says was written by a stranger, so it must be https
 * and is connected to only where it is on the public internet; on a devnet it may also be this machine, if that is allowed.
 *
 * @throws {InputError} For a URL that is none that is asked.
 */
export async function gatewayOf(args: GatewayPlace, context: PlatformContext, nodeId: bigint): Promise<NodeGateway> {
  const isDevnet = context.chainId === LOCAL_CHAIN_ID;
  const { allowLoopback = isDevnet } = args;
  if (allowLoopback && !isDevnet) {
    throw new InputError(
      `--allow-loopback is for devnets, and this is chain ${context.chainId.toString()}`,
      "Leave it out, or name the gateway with --gateway if you trust it.",
    );
  }
  if (args.gateway !== undefined) return { origin: gatewayOrigin(args.gateway), fetch: undefined };
  const origin = gatewayOrigin(await context.protocol.nodeRegistry.urlOf(nodeId));
  const { hostname, protocol } = new URL(origin);
  if (allowLoopback && isLoopback(hostname.replace(/^\[|\]$/g, ""))) return { origin, fetch: undefined };
  if (protocol === "https:") return { origin, fetch: publicFetch() };
  throw new InputError(
    `The chain says that the gateway of node ${nodeId.toString()} is at ${origin}, which is not https`,
    "Name it with --gateway if you trust it; on a devnet, allow this machine with --allow-loopback.",
  );
}

async function confirmed(args: NodeGatewayArguments, context: PlatformContext, nodeId: bigint) {
  const { origin, fetch } = await gatewayOf(args, context, nodeId);
  const { book, chainId } = context;
  const { orderEscrow } = book.contracts;
  const audience = { chainId: Number(chainId), orderEscrow, node: Number(nodeId), gateway: origin };
  await confirmGateway(audience, { fetch });
  return { audience, fetch };
}

/**
 * Finds a node's gateway, makes sure that it is the node's, and lets the account that acts ask it.
 *
 * @throws {InputError} For one that is another node's, or whose URL is none that is asked.
 * @throws {GatewayError} For one that cannot be reached.
 */
export async function openTransfer(
  args: NodeGatewayArguments,
  context: PlatformContext,
  nodeId: bigint,
): Promise<NodeGateway & { readonly client: TransferClient }> {
  const wallet = await signerOf(context);
  const { audience, fetch } = await confirmed(args, context, nodeId);
  const client = new TransferClient({ audience, fetch, account: wallet.address, wallet });
  return { client, fetch, origin: audience.gateway };
}

/**
 * A node's gateway, after making sure that it is the node's.
 *
 * @throws {InputError} For one that is another node's, or whose URL is none that is asked.
 * @throws {GatewayError} For one that cannot be reached.
 */
export async function confirmedGateway(
  args: NodeGatewayArguments,
  context: PlatformContext,
  nodeId: bigint,
): Promise<NodeGateway> {
  const { audience, fetch } = await confirmed(args, context, nodeId);
  return { origin: audience.gateway, fetch };
}

const MEGABYTE = 2 ** 20;
const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);

/**
 * Sends a file piece by piece, and shows on stderr how far it has come.
 *
 * @returns Whether anything was sent: the gateway may have had it.
 */
export async function sendFile(
  { client }: { readonly client: TransferClient },
  context: PlatformContext,
  { resource, part, file, title }: { resource: Resource; part: SentFile; file: string; title: string },
): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    return await runOne(title, context.options.json, async (tell) =>
      client.sendFile(resource, part, { size, read }, (there) => {
        tell(`${megabytes(there)} of ${megabytes(size)} MiB`);
      }),
    );
  } finally {
    await handle.close();
  }
}
