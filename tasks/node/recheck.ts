import { isHexString } from "ethers";

import { action } from "../support/action.ts";
import { idOf, readBytes } from "../support/inputs.ts";
import { sentOutcome, transact } from "../support/transact.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly node: string;
  readonly evidence: string;
}

/** Evidence in hex, or from a file that holds it in hex. */
function evidenceOf(text: string): string {
  const given = isHexString(text) ? text : readBytes(text).toString("utf8").trim();
  if (isHexString(given)) return given;
  throw new InputError(`"${text}" holds no evidence`, "Give bytes in hex, or a file of them.");
}

export default action(async (args: Arguments, context) => {
  const { nodeRegistry } = context.protocol;
  const nodeId = idOf(args.node, "node");
  const tx = nodeRegistry.recheck.populateTransaction(nodeId, evidenceOf(args.evidence));
  const sent = await transact(context, [{ title: "Recheck the node", tx }]);
  const judged = sent.events(nodeRegistry.interface).find((event) => event.name === "NodeRechecked")?.args;
  const found =
    judged === undefined
      ? {}
      : {
          standing: enumName("Standing", judged.getValue("standing") as bigint),
          tcbStatus: enumName("TcbStatus", judged.getValue("tcbStatus") as bigint),
        };
  return sentOutcome(sent, {
    data: { nodeId, ...found },
    rows: [
      ["Node", nodeId.toString()],
      ["Standing", found.standing ?? "not judged"],
      ["TCB status", found.tcbStatus ?? "not judged"],
    ],
    next: `\`node show ${nodeId.toString()}\`.`,
  });
});
