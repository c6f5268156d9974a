import { ZeroHash } from "ethers";
import { writeFileSync } from "node:fs";

import { action } from "../support/action.ts";
import { readPrivateKey, RESULT_KEY_FILE } from "../support/encryptionKeys.ts";
import { checkAbsent, parseId, readBytes } from "../support/inputs.ts";
import { resultFileOf } from "./statement.ts";
import { openResult } from "../../src/data/results.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";

interface Arguments {
  readonly task: string;
  readonly result: string | undefined;
  readonly key: string | undefined;
  readonly out: string | undefined;
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, chainId } = context;
  const taskId = parseId(args.task, "task");
  const { inputHash, resultHash, status } = await protocol.taskEscrow.getTask(taskId);
  const statusName = enumName("TaskStatus", status);
  if (resultHash === ZeroHash) {
    throw new InputError(`Task ${args.task} has no result: it is ${statusName}`, `See \`task show ${args.task}\`.`);
  }
  const sealed = readBytes(args.result ?? resultFileOf(taskId));
  const key = readPrivateKey(args.key ?? RESULT_KEY_FILE);
  const use = { chainId, escrow: book.contracts.taskEscrow, taskId, inputHash, resultHash };
  const content = openResult(key, sealed, use);
  const file = args.out ?? `task-${args.task}.opened`;
  checkAbsent(file, "Name another file with --out.");
  writeFileSync(file, content, { mode: 0o600 });
  return {
    data: { taskId, status: statusName, resultHash, bytes: content.length, file },
    rows: [
      ["Task", `${args.task}, ${statusName}`],
      ["Opened", `${file}, ${String(content.length)} bytes, signed by the enclave`],
    ],
    next: `\`task show ${args.task}\`.`,
  };
});
