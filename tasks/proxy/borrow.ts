import { action } from "../support/action.ts";
import { word } from "../support/command.ts";
import { checkAbsent, needed, readBytes, writeDocument } from "../support/inputs.ts";
import { readCapability } from "./capabilityFile.ts";
import { evidenceFor } from "./evidence.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";

interface Arguments extends ProxyArguments {
  readonly capability: string | undefined;
  readonly inputs: string | undefined;
  readonly validators: string;
  readonly out: string;
}

export default action(async (args: Arguments, context) => {
  checkAbsent(args.out, "Name another file with --out, or move the old one away.");
  const capability = readCapability(context, needed(args.capability, "capability"));
  const inputs = readBytes(needed(args.inputs, "inputs"));
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  const evidence = await evidenceFor(context, client, capability, args.validators);
  const { sealedKey, inputHash, usesLeft, budgetLeft } = await client.borrow(capability, inputs, evidence);
  writeDocument(args.out, sealedKey);
  const { owner, contentHash, datasetId, nodeId } = capability;
  return {
    data: {
      nodeId,
      gateway: proxy.origin,
      owner,
      datasetId,
      contentHash,
      inputHash,
      usesLeft,
      budgetLeft,
      file: args.out,
    },
    rows: [
      ...proxy.rows,
      ["Dataset", `${datasetId.toString()}, ${contentHash} of ${owner}`],
      ["Lent to", `a task with the inputs ${inputHash}, and no other`],
      ["Left", `${usesLeft.toString()} uses and ${budgetLeft.toString()} bytes`],
      ["Sealed key", args.out],
    ],
    next: `\`task publish --node ${nodeId.toString()} --datasets ${datasetId.toString()} --inputs ${word(String(args.inputs))}\`; then the node's operator needs ${word(args.out)} for it.`,
  };
});
