/** The thread on which the program does tasks. What it throws ends it, and is told to nobody. */
import { parentPort, workerData } from "node:worker_threads";

import type { TaskRequest } from "./requests.ts";
import type { PrivateKey } from "../../data/keys.ts";
import { problemOf } from "../errors.ts";
import type { QuotingOptions } from "../platform/platform.ts";
import { EnclaveProgram } from "../program.ts";
import type { Failure } from "../protocol.ts";
import { TaskGate, type Believed } from "../taskGate.ts";

/** Which program does the tasks. */
export interface TaskWork {
  readonly key: PrivateKey;
  readonly quoting: QuotingOptions;
  readonly believed: Believed;
}

/** What comes of a task. */
export type TaskOutcome = { readonly answer: unknown } | { readonly error: Failure };

const { key, quoting, believed } = workerData as TaskWork;
const gate = new TaskGate(new EnclaveProgram(key, quoting), key, believed);

async function outcomeOf(request: TaskRequest): Promise<TaskOutcome> {
  try {
    return { answer: await gate.answer(request) };
  } catch (error) {
    return { error: problemOf(error) };
  }
}

parentPort?.on("message", (request: TaskRequest) => {
  void outcomeOf(request).then((outcome) => parentPort?.postMessage(outcome));
});
