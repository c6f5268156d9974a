import { action } from "../support/action.ts";
import { attestedEnclaveBy, enclaveRows, type EvidenceArguments } from "../support/attestedEnclave.ts";
import { keepPolicy, policyFor } from "../support/enclavePolicy.ts";
import { needed, readBytes } from "../support/inputs.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { sealSecret } from "../../src/data/secrets.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends GatewayArguments, EvidenceArguments {
  readonly order: string;
  readonly name: string;
  readonly values: string | undefined;
}

/** Files of values by key, from "key=file,key=file". */
function filesIn(values: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const each of values.split(",")) {
    const [, key, file] = /^([-._a-zA-Z0-9]{1,253})=(.+)$/.exec(each.trim()) ?? [];
    if (key === undefined || file === undefined || files.has(key)) {
      throw new InputError(
        `"${each}" is not a value of a secret`,
        "Give key=file, several separated by commas, each key once.",
      );
    }
    files.set(key, file);
  }
  return files;
}

export default action(async (args: Arguments, context) => {
  const { protocol, chainId, book } = context;
  const files = filesIn(needed(args.values, "values"));
  const { client, order, node, origin, fetch, terms } = await openSession(args, args.order, context);
  const held = policyFor(context, args);
  const gateway = async () => Promise.resolve({ origin, fetch });
  const enclave = await attestedEnclaveBy(gateway, args, context, { nodeId: node, held });
  const known = (await client.secrets()).find(({ name }) => name === args.name);
  const version = (known?.version ?? 0) + 1;
  const sealed = new Map<string, Uint8Array>();
  for (const [key, file] of files) {
    const use = { chainId, orderEscrow: book.contracts.orderEscrow, orderId: BigInt(order), terms };
    const recipient = { nodes: protocol.nodeRegistry, nodeId: node, enclave };
    sealed.set(key, await sealSecret({ ...use, ...recipient, name: args.name, key, version, value: readBytes(file) }));
  }
  await client.putSecret(args.name, version, sealed);
  keepPolicy(context, held, enclave);
  return {
    data: { order, name: args.name, version, keys: [...files.keys()] },
    rows: [
      ["Secret", `${args.name}, version ${String(version)}, keys ${[...files.keys()].join(", ")}`],
      [
        "Sealed to",
        `the enclave of node ${node.toString()}: neither its provider's disk nor its network has the values in the clear`,
      ],
      ...enclaveRows(enclave),
    ],
    next: `\`app deploy --order ${args.order} --url URL\`: applications get it with their next deployment.`,
  };
});
