/** The threads on which one program runs once: one that watches, and the program's own. What fails here is told to nobody. */
import { Worker, workerData } from "node:worker_threads";

import { DataError } from "../../data/errors.ts";
import { EnclaveError, problemOf } from "../errors.ts";
import { compiled, execute } from "./execution.ts";
import type { RunRequest, Said } from "./running.ts";

const request = workerData as RunRequest;

/** What JavaScript may take of memory around a program, in MiB. */
const LIMITS = { maxYoungGenerationSizeMb: 32, codeRangeSizeMb: 64, stackSizeMb: 4 };

function outcomeOf({ code, work, upTo, steps }: RunRequest): Said | undefined {
  try {
    return execute(compiled(code, steps === undefined ? {} : { steps }), work, upTo);
  } catch (error) {
    if (!(error instanceof EnclaveError || error instanceof DataError)) return undefined;
    if (error.code === "PROGRAM_FORMAT") return { ended: "given-up", reason: "PROGRAM" };
    return error.code === "PROGRAM_STOPPED" ? undefined : { ended: "refused", problem: problemOf(error) };
  }
}

/** Wakes who waits. */
function wake(): void {
  Atomics.store(request.signal, 0, 1);
  Atomics.notify(request.signal, 0);
}

/** Starts the program's own thread, and wakes who waits when it has ended. */
function watch(): void {
  const { port, heap } = request;
  const own = new Worker(new URL(import.meta.url), {
    ...{ workerData: { ...request, isOwn: true } satisfies RunRequest, transferList: [port], env: {} },
    ...{ resourceLimits: { ...LIMITS, maxOldGenerationSizeMb: heap }, stdin: false, stdout: true, stderr: true },
  });
  own.on("error", () => undefined).on("exit", wake);
}

if (request.isOwn) {
  const outcome = outcomeOf(request);
  if (outcome !== undefined) request.port.postMessage(outcome);
  wake();
} else {
  try {
    watch();
  } catch {
    wake();
  }
}
