import { recoverAddress, type TypedDataDomain } from "ethers";

import { action } from "../support/action.ts";
import type { PlatformContext } from "../support/context.ts";
import { checkAbsent, isFile, parseId, writeDocument } from "../support/inputs.ts";
import { openTransfer, type NodeGatewayArguments } from "../support/nodeGateway.ts";
import type { Outcome } from "../support/outcome.ts";
import { fetchSealed, type Gateway, type SealedPart } from "./fetched.ts";
import { parseStatement, resultFileOf, statementFileOf } from "./statement.ts";
import { noVerdicts, parseVerdicts, readVerdicts, verdictsFileOf } from "./verdicts.ts";
import { viewTask, type TaskView } from "../../src/facts/task.ts";
import type { FetchedPart } from "../../src/gateway/client/transferClient.ts";
import type { StatementDocument } from "../../src/documents/tasks.ts";
import { abortDigest, domainOf, resultDigest } from "../../src/eip712/index.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments extends NodeGatewayArguments {
  readonly task: string;
  readonly part: string;
  readonly out: string | undefined;
}

/** What a part is fetched with. */
interface Fetching {
  readonly gateway: Gateway;
  readonly context: PlatformContext;
  readonly task: TaskView;
  readonly out: string | undefined;
}

/** The most bytes of a document. */
const MAX_DOCUMENT = 2 ** 20;

async function documentOf({ gateway, task }: Fetching, part: FetchedPart): Promise<string> {
  return new TextDecoder().decode(await gateway.client.fetchPart(task.taskId, part, MAX_DOCUMENT));
}

const rowsOf = ({ task, gateway }: Fetching): [string, string][] => [
  ["Task", `${task.taskId.toString()}, ${task.status}`],
  ["Node", `${task.nodeId.toString()}, by its gateway ${gateway.origin}`],
];

async function fetchedSealed(fetching: Fetching, part: SealedPart): Promise<Outcome> {
  const { gateway, context, task, out } = fetching;
  const id = task.taskId.toString();
  const file = out ?? (part === "result" ? resultFileOf(task.taskId) : `task-${id}.inputs.sealed`);
  const isFetched = await fetchSealed(gateway, context, task, { part, file });
  const hash = part === "result" ? task.resultHash : task.inputHash;
  return {
    data: { taskId: task.taskId, gateway: gateway.origin, part, hash, file, fetched: isFetched },
    rows: [
      ...rowsOf(fetching),
      ["Sealed", `${file}${isFetched ? "" : ", which was there already"}; its hash is ${hash}`],
    ],
    next: part === "result" ? `\`task open ${id}\`.` : `\`task check ${id} --inputs ${file}\`.`,
  };
}

/** Refuses a statement that the node's enclave key has not signed. */
function checkSigned(
  statement: StatementDocument,
  domain: TypedDataDomain,
  { enclaveKey, fixedTermsHash: termsHash }: TaskView,
): void {
  const signed = { ...statement, termsHash };
  const digest = signed.kind === "task-result" ? resultDigest(domain, signed) : abortDigest(domain, signed);
  const signer = recoverAddress(digest, statement.signature);
  if (signer === enclaveKey) return;
  throw new InputError(
    `The statement is signed by ${signer}, but the node's enclave key is ${enclaveKey}`,
    "Nothing was kept: do not rely on this gateway.",
  );
}

async function fetchedStatement(fetching: Fetching): Promise<Outcome> {
  const { context, task, gateway, out } = fetching;
  const file = out ?? statementFileOf(resultFileOf(task.taskId));
  checkAbsent(file, "Name another file with --out.");
  const statement = parseStatement(context, task, await documentOf(fetching, "statement"), "the gateway's answer");
  checkSigned(statement, domainOf("TaskEscrow", context.chainId, context.book.contracts.taskEscrow), task);
  writeDocument(file, statement);
  const said =
    statement.kind === "task-result" ? `a result, ${statement.resultHash}` : `it gives up: ${statement.reason}`;
  const verb = statement.kind === "task-result" ? "submit" : "abort";
  return {
    data: { taskId: task.taskId, gateway: gateway.origin, part: "statement", statement, file },
    rows: [...rowsOf(fetching), ["The enclave's statement", `${file}: ${said}`]],
    next: `\`task ${verb} ${task.taskId.toString()} --result ${file}\`, if nobody has.`,
  };
}

/** Adds what the gateway has to what is here: what a validator signed first stays. */
async function fetchedVerdicts(fetching: Fetching): Promise<Outcome> {
  const { context, task, gateway, out } = fetching;
  const file = out ?? verdictsFileOf(task.taskId);
  const mine = isFile(file) ? readVerdicts(context, task, file) : noVerdicts(context, task);
  const theirs = parseVerdicts(context, task, await documentOf(fetching, "verdicts"), "the gateway's answer");
  const known = new Set(mine.verdicts.map(({ validator }) => validator));
  const added = theirs.verdicts.filter(({ validator }) => !known.has(validator));
  const verdicts = [...mine.verdicts, ...added];
  writeDocument(file, { ...mine, verdicts });
  return {
    data: { taskId: task.taskId, gateway: gateway.origin, part: "verdicts", verdicts, added: added.length, file },
    rows: [
      ...rowsOf(fetching),
      ["Verdicts", `${file}: ${String(verdicts.length)}, ${String(added.length)} of them new`],
    ],
    next: `\`task finalize ${task.taskId.toString()} --verdicts ${file}\`.`,
  };
}

const PARTS: Readonly<Record<FetchedPart, (fetching: Fetching) => Promise<Outcome>>> = {
  result: async (fetching) => fetchedSealed(fetching, "result"),
  inputs: async (fetching) => fetchedSealed(fetching, "inputs"),
  statement: fetchedStatement,
  verdicts: fetchedVerdicts,
};

function parsePart(text: string): FetchedPart {
  if (Object.hasOwn(PARTS, text)) return text as FetchedPart;
  throw new InputError(
    `"${text}" is nothing that can be fetched of a task`,
    `Give one of ${Object.keys(PARTS).join(", ")}.`,
  );
}

export default action(async (args: Arguments, context) => {
  const part = parsePart(args.part);
  const task = await viewTask(context, parseId(args.task, "task"));
  const gateway = await openTransfer(args, context, task.nodeId);
  return PARTS[part]({ gateway, context, task, out: args.out });
});
