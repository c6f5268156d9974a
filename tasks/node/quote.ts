import { Wallet } from "ethers";

import { action } from "../support/action.ts";
import { LOCAL_CHAIN_ID, nowOf, type PlatformContext } from "../support/context.ts";
import { enclaveKeyDocument } from "../support/documents.ts";
import { parseAddress, parseId, isFile, readBytes, readDocument, writeDocument } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { sentOutcome, transact, type Sent } from "../support/transact.ts";
import { InputError } from "../../src/inputError.ts";
import { serializeCollateral, trimQuote, type Hex } from "../../src/sgx/index.ts";
import { createSimulator } from "../../src/sgx/simulator/simulator.ts";
import { writeFileSync } from "node:fs";

interface Arguments {
  readonly node: string;
  readonly out: string | undefined;
  readonly seed: string;
  readonly platform: string | undefined;
  readonly key: string | undefined;
  readonly enclave: string | undefined;
  readonly raw: string | undefined;
}

/** The key of the node's simulated enclave, from its file or made for it. */
function simulatedKey(file: string): Wallet {
  if (isFile(file)) return new Wallet(readDocument(file, enclaveKeyDocument, "an enclave key").privateKey);
  const wallet = new Wallet(Wallet.createRandom().privateKey);
  const { address, privateKey } = wallet;
  writeDocument(file, { kind: "simulated-enclave-key", address, privateKey }, { secret: true });
  return wallet;
}

/** Writes what data and inputs are sealed to: a file to hand out, where the key's own must stay with the enclave. */
function writePublicKey(file: string, wallet: Wallet): string {
  const publicKey = { scheme: "Secp256k1", key: wallet.signingKey.compressedPublicKey };
  writeDocument(file, { kind: "enclave-public-key", enclaveKey: wallet.address, publicKey });
  return file;
}

/** Makes sure that there is a block recent enough for the quote to name. */
async function freshen(context: PlatformContext): Promise<Sent> {
  const { nodeRegistry } = context.protocol;
  if ((await nodeRegistry.oldestBlock()) !== 0n)
    return { dryRun: context.options.dryRun, transactions: [], events: () => [] };
  return transact(context, [{ title: "Record a checkpoint", tx: nodeRegistry.checkpoint.populateTransaction() }]);
}

async function bindingOf({ protocol, provider }: PlatformContext, nodeId: bigint, enclaveKey: string) {
  const { nodeRegistry } = protocol;
  const [node, nonce, block] = await Promise.all([
    nodeRegistry.getNode(nodeId),
    nodeRegistry.nonceOf(nodeId),
    provider.getBlock("latest"),
  ]);
  if (block?.hash === undefined || block.hash === null)
    throw new InputError("The chain has no blocks", "Check the network.");
  const binding = { nonce, blockNumber: BigInt(block.number), blockHash: block.hash };
  const reportData = await nodeRegistry.reportDataOf(node.provider, enclaveKey, binding);
  return {
    bound: { provider: node.provider, binding, reportData: reportData as Hex },
    isAttested: node.attestations > 0n,
  };
}

/** A simulated quote, its collateral and its root, written beside each other. */
async function simulate(context: PlatformContext, args: Arguments, base: string, reportData: Hex) {
  const simulator = createSimulator({ seed: args.seed, time: await nowOf(context) });
  const platform = simulator.platform({ name: args.platform ?? `node-${args.node}` });
  const files = { collateral: `${base}.collateral.json`, root: `${base}.root.txt` };
  writeFileSync(files.collateral, serializeCollateral(platform.collateral()));
  writeFileSync(files.root, `${simulator.root}\n`);
  return { quote: platform.quote({ reportData }), files };
}

/** Who is to look at the quote: the chain itself, or validators first. */
function nextOf(file: string, isAttested: boolean, root: string): string {
  const command = isAttested ? `node renew ${file}` : `node register --quote ${file}`;
  return `\`${command}\`: the chain verifies it. Or validators check and sign it first (\`validator attest ${file}${root}\`), and their signatures go along with --signatures.`;
}

export default action(async (args: Arguments, context): Promise<Outcome> => {
  const nodeId = parseId(args.node, "node");
  const base = args.out?.replace(/(\.quote)?\.json$/, "") ?? `node-${nodeId.toString()}`;
  const simulated = args.enclave === undefined;
  if (simulated && context.chainId !== LOCAL_CHAIN_ID) {
    const remedy =
      "Give the real enclave's key with --enclave, have it quote the binding, and wrap the quote with --raw.";
    throw new InputError("Quotes are simulated on local networks only", remedy);
  }
  await context.protocol.nodeRegistry.getNode(nodeId);
  const sent = await freshen(context);
  if (sent.dryRun) return sentOutcome(sent, { data: { nodeId }, rows: [["Node", nodeId.toString()]] });

  const wallet = args.enclave === undefined ? simulatedKey(args.key ?? `${base}.enclave.json`) : undefined;
  const enclaveKey = wallet?.address ?? parseAddress(args.enclave ?? "");
  const publicKey = wallet?.signingKey.compressedPublicKey;
  const told = wallet === undefined ? {} : { publicKey: writePublicKey(`${base}.public.json`, wallet) };
  const { bound: made, isAttested } = await bindingOf(context, nodeId, enclaveKey);
  const { binding, reportData } = made;
  const bound = { nodeId, enclaveKey, ...made };
  const rows = [
    ["Node", nodeId.toString()],
    ["Enclave key", enclaveKey],
    ...(publicKey === undefined ? [] : [["Its public key, for those who seal to it", publicKey] as const]),
    ...("publicKey" in told ? [["The same in a file", told.publicKey] as const] : []),
    ["Nonce", binding.nonce.toString()],
    ["Block", `${binding.blockNumber.toString()}, ${binding.blockHash}`],
    ["Report data", `${reportData}, then 32 zero bytes`],
  ] as const;
  if (!simulated && args.raw === undefined) {
    const next = "have the enclave quote this report data within the hour, then give the quote with --raw.";
    return sentOutcome(sent, { data: bound, rows, next });
  }
  const { quote: bytes, files } = simulated
    ? await simulate(context, args, base, reportData)
    : { quote: trimQuote(readBytes(args.raw ?? "")), files: {} };
  const file = args.out ?? `${base}.quote.json`;
  const place = { chainId: Number(context.chainId), registry: context.book.contracts.nodeRegistry };
  const quote = `0x${Buffer.from(bytes).toString("hex")}`;
  writeDocument(file, { kind: "sgx-quote", ...place, ...bound, quote });
  const shown =
    "root" in files
      ? ([
          ["Collateral", files.collateral],
          ["Root", files.root],
        ] as const)
      : [];
  return sentOutcome(sent, {
    data: {
      ...bound,
      ...(publicKey === undefined ? {} : { publicKey }),
      simulated,
      files: { quote: file, ...told, ...files },
    },
    rows: [...rows, ["Quote", file], ...shown],
    next: nextOf(file, isAttested, simulated ? ` --root ${base}.root.txt` : ""),
  });
});
