import { ZeroHash } from "ethers";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

import { action } from "../support/action.ts";
import { readPrivateKey, RESULT_KEY_FILE } from "../support/encryptionKeys.ts";
import { checkAbsent, parseId, readBytes } from "../support/inputs.ts";
import { resultFileOf } from "./statement.ts";
import { readTask } from "../../src/chain/taskTerms.ts";
import { openResult } from "../../src/data/results.ts";
import { enumName } from "../../src/enums.ts";
import { InputError } from "../../src/inputError.ts";
import { parsedJson } from "../../src/json.ts";

interface Arguments {
  readonly task: string;
  readonly result: string | undefined;
  readonly key: string | undefined;
  readonly out: string | undefined;
  readonly weights: string | undefined;
}

/** A result's numbers as a program reads weights: 64 bits each, in little-endian order. */
function weightsIn(content: Uint8Array): Uint8Array {
  const { success, data } = z
    .looseObject({ values: z.array(z.number()).min(1) })
    .safeParse(parsedJson(new TextDecoder().decode(content)));
  if (!success) throw new InputError("The result has no numbers that could be weights", "Leave --weights out.");
  const bytes = new DataView(new ArrayBuffer(data.values.length * Float64Array.BYTES_PER_ELEMENT));
  for (const [i, value] of data.values.entries()) bytes.setFloat64(i * Float64Array.BYTES_PER_ELEMENT, value, true);
  return new Uint8Array(bytes.buffer);
}

export default action(async (args: Arguments, context) => {
  const { protocol, book, chainId } = context;
  const taskId = parseId(args.task, "task");
  const {
    task: { resultHash, status },
    inputHash,
  } = await readTask(protocol, taskId);
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
  const { weights } = args;
  if (weights !== undefined) {
    checkAbsent(weights, "Name another file with --weights.");
    if (resolve(weights) === resolve(file)) {
      throw new InputError(`The result is to be in "${weights}", and so are its weights`, "Name another file for one.");
    }
    writeFileSync(weights, weightsIn(content), { mode: 0o600 });
  }
  writeFileSync(file, content, { mode: 0o600 });
  return {
    data: {
      taskId,
      status: statusName,
      resultHash,
      bytes: content.length,
      file,
      ...(weights === undefined ? {} : { weights }),
    },
    rows: [
      ["Task", `${args.task}, ${statusName}`],
      ["Opened", `${file}, ${String(content.length)} bytes, signed by the enclave`],
      ...(weights === undefined ? [] : [["Weights", `${weights}, for \`task seal --weights\``] as const]),
    ],
    next: `\`task show ${args.task}\`.`,
  };
});
