import { action } from "../support/action.ts";
import { needed, readBytes } from "../support/inputs.ts";
import { openSession, type GatewayArguments } from "./session.ts";
import { publicKeyForm } from "../../src/data/keys.ts";
import { sealSecret } from "../../src/data/secrets.ts";
import { askJson } from "../../src/gateway/client/request.ts";
import { InputError } from "../../src/inputError.ts";
import { z } from "zod";

interface Arguments extends GatewayArguments {
  readonly order: string;
  readonly name: string;
  readonly values: string | undefined;
}

const keyForm = z.object({ enclaveKey: z.string(), publicKey: publicKeyForm });

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
  // Whose key it is, sealing checks on the chain: a gateway that hands out another one gets nothing.
  const { publicKey } = await askJson(origin, "/v1/node/key", keyForm, { fetch });
  const known = (await client.secrets()).find(({ name }) => name === args.name);
  const version = (known?.version ?? 0) + 1;
  const sealed = new Map<string, Uint8Array>();
  for (const [key, file] of files) {
    const use = { chainId, orderEscrow: book.contracts.orderEscrow, orderId: BigInt(order), terms };
    const recipient = { nodes: protocol.nodeRegistry, nodeId: node, publicKey };
    sealed.set(key, await sealSecret({ ...use, ...recipient, name: args.name, key, version, value: readBytes(file) }));
  }
  await client.putSecret(args.name, version, sealed);
  return {
    data: { order, name: args.name, version, keys: [...files.keys()] },
    rows: [
      ["Secret", `${args.name}, version ${String(version)}, keys ${[...files.keys()].join(", ")}`],
      [
        "Sealed to",
        `the enclave of node ${node.toString()}: neither its provider's disk nor its network has the values in the clear`,
      ],
    ],
    next: `\`app deploy --order ${args.order} --url URL\`: applications get it with their next deployment.`,
  };
});
