import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { attestedEnclaveBy, enclaveRows, type SealingArguments } from "../support/attestedEnclave.ts";
import { signerOf, type PlatformContext } from "../support/context.ts";
import { chainName, keepPolicy, policyFor } from "../support/enclavePolicy.ts";
import { isFile, parseId, readDocument, writeDocument } from "../support/inputs.ts";
import { confirmedGateway } from "../support/nodeGateway.ts";
import type { AttestedEnclave } from "../../src/data/attestedEnclave.ts";
import { stateFolder } from "../../src/journal/place.ts";
import { ProxyClient } from "../../src/proxy/client.ts";
import { gatewayCarrier } from "../../src/proxy/gatewayCarrier.ts";
import { logHeadForm, type LogHead } from "../../src/proxy/vault/auditLog.ts";

/** The options that say which node's proxy is meant, and which code it has to run. */
export interface ProxyArguments extends SealingArguments {
  readonly node: string;
}

/** A node's enclave, as it was verified, and how it is told. */
export interface ReachedProxy {
  readonly enclave: AttestedEnclave;
  readonly origin: string;
  readonly rows: [string, string][];
  /** Opens a session of the account that acts. */
  open(): Promise<ProxyClient>;
}

/** The newest head of an owner's log that was seen, as it is kept. */
const headDocument = logHeadForm.extend({ kind: z.literal("proxy-log-head") });

/**
 * Finds a node's proxy, and verifies the enclave behind it. What is kept of it, which are the policy that it has passed and the newest head of
 * the owner's log, is among what a user's programs must not lose.
 */
export async function reachProxy(args: ProxyArguments, context: PlatformContext): Promise<ReachedProxy> {
  const nodeId = parseId(args.node, "node");
  const wallet = await signerOf(context);
  const folder = join(stateFolder("what is known of proxies"), "proxies");
  const place = [await chainName(context), context.book.contracts.nodeRegistry, nodeId.toString(), wallet.address];
  const [policyFile, headFile] = ["policy", "head"].map((what) => join(folder, `${place.join("-")}.${what}.json`));
  const held = policyFor(context, args, policyFile);
  const { origin, fetch } = await confirmedGateway(args, context, nodeId);
  const enclave = await attestedEnclaveBy(async () => Promise.resolve({ origin, fetch }), args, context, {
    nodeId,
    held,
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  keepPolicy(context, held, enclave);
  return {
    ...{ enclave, origin },
    rows: [["Node", `${nodeId.toString()}, by its gateway ${origin}`], ...enclaveRows(enclave)],
    open: async () =>
      ProxyClient.open({
        ...{ carry: gatewayCarrier(origin, fetch), enclave, account: wallet.address, wallet },
        ...{ time: Math.floor(Date.now() / 1000), known: knownHead(headFile) },
        onHead: (head) => {
          if (headFile !== undefined) writeDocument(headFile, { kind: "proxy-log-head", ...head }, { secret: true });
        },
      }),
  };
}

function knownHead(file: string | undefined): LogHead | undefined {
  if (file === undefined || !isFile(file)) return undefined;
  const { count, hash } = readDocument(file, headDocument, "the newest head of a proxy's log");
  return { count, hash };
}
