import { action } from "../support/action.ts";
import { parseNumber } from "../support/inputs.ts";
import { reachProxy, type ProxyArguments } from "./session.ts";
import { formatTime } from "../../src/amounts.ts";
import type { AuditEntry } from "../../src/proxy/vault/auditLog.ts";

interface Arguments extends ProxyArguments {
  readonly from: string;
}

/** The most entries that a log can have. */
const MOST = 65_536n;

function toldOf({
  act,
  account,
  contentHash,
  replaced,
  program,
  capability,
  inputs,
  bytes,
  failure,
}: AuditEntry): string {
  const facts = [
    ["dataset", contentHash],
    ["in place of", replaced],
    ["program", program],
    ["capability", capability],
    ["for the task with the inputs", inputs],
    ["bytes", bytes?.toString()],
    ["failed with", failure],
  ] as const;
  const told = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${String(value)}`);
  return `${act} by ${account}: ${told.join(", ")}`;
}

export default action(async (args: Arguments, context) => {
  const from = Number(parseNumber(args.from, "number of an entry", MOST));
  const proxy = await reachProxy(args, context);
  const client = await proxy.open();
  const { datasets, programs } = await client.list();
  const entries = await client.log(from);
  const { nodeId } = proxy.enclave.node;
  return {
    data: { nodeId, gateway: proxy.origin, datasets, programs, entries, head: client.head },
    rows: [
      ...proxy.rows,
      ...datasets.map(({ contentHash, size }): [string, string] => [
        "Dataset",
        `${contentHash}, ${String(size)} bytes`,
      ]),
      ...programs.map(({ hash, name }): [string, string] => ["Program", `${name}, ${hash}`]),
      ...entries.map((entry): [string, string] => [formatTime(BigInt(entry.time)), toldOf(entry)]),
      [
        "Head",
        `${String(client.head.count)} entries, ${client.head.hash}: kept here, so that an older state is found out`,
      ],
    ],
  };
});
