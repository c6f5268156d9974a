import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";

import { EnclaveError, type problemOf } from "../errors.ts";
import type { Outcome, Work } from "./execution.ts";

/** Source files start the worker's source, compiled files its compiled form. */
const WORKER_FILE = new URL(
  import.meta.url.endsWith(".ts") ? "./programWorker.ts" : "./programWorker.js",
  import.meta.url,
);

/** What a program's thread says: what came of the program, or why it was refused what it read. */
export type Said = Outcome | { readonly ended: "refused"; readonly problem: ReturnType<typeof problemOf> };

/** What a program's thread is started with. */
export interface RunRequest {
  readonly code: Uint8Array;
  readonly work: Work;
  readonly upTo: "prepare" | "run";
  /** How many instructions it may take; as many as a task's where it is left out. */
  readonly steps: bigint | undefined;
  /** MiB that JavaScript may take around it; its own memory is bounded apart. */
  readonly heap: number;
  /** Where what comes of it goes; nothing comes where this machine could not run it. */
  readonly port: MessagePort;
  /** Becomes 1 when it is there, or will never be. */
  readonly signal: Int32Array;
  /** Whether this thread is the program's own, and not the one that watches that. */
  readonly isOwn: boolean;
}

/**
 * The longest that a program has, in milliseconds. A program ends by its steps: a step takes 30 ns where a program does what is slowest, and 0.2 in the
 * enclave's own, so that these are over before on machines of today. Beyond them something is wrong with the machine.
 */
const LONGEST: Readonly<Record<RunRequest["upTo"], number>> = { prepare: 300_000, run: 43_200_000 };

/** MiB that JavaScript may take around a program, if nothing else is said. */
const HEAP = 128;

/** What a run may take. */
export interface RunLimits {
  /** Milliseconds. */
  readonly longest?: number;
  /** Instructions. */
  readonly steps?: bigint;
  /** MiB that JavaScript may take around the program. */
  readonly heap?: number;
}

/**
 * Runs a program on a thread of its own, which is ended when its time is over, and waits for it. Nothing else of the program's thread comes
 * out, and nothing but the work goes in. A second thread watches it: this one, which only waits, would not hear that it has ended.
 *
 * @throws {EnclaveError} FILE_UNREADABLE, WEIGHTS_TRUNCATED, WEIGHTS_TAMPERED where its weights are not there any more; PROGRAM_STOPPED where this machine had too little time or memory: at once, where the thread has ended by itself.
 */
export function runProgram(
  code: Uint8Array,
  work: Work,
  upTo: RunRequest["upTo"],
  { longest = LONGEST[upTo], steps, heap = HEAP }: RunLimits = {},
): Outcome {
  const { port1, port2: port } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const request: RunRequest = { code, work, upTo, steps, heap, port, signal, isOwn: false };
  const worker = new Worker(WORKER_FILE, {
    ...{ workerData: request, transferList: [port], env: {} },
    ...{ stdin: false, stdout: true, stderr: true },
  });
  worker.on("error", () => undefined).unref();
  try {
    Atomics.wait(signal, 0, 0, longest);
    const message = receiveMessageOnPort(port1) as { readonly message: Said } | undefined;
    if (message !== undefined) return outcomeOf(message.message);
    throw new EnclaveError("PROGRAM_STOPPED", "The program could not be run to its end here");
  } finally {
    port1.close();
    worker.terminate().catch(() => undefined);
  }
}

function outcomeOf(said: Said): Outcome {
  if (said.ended !== "refused") return said;
  const { code, problem, remedy } = said.problem;
  throw new EnclaveError(code, problem, { remedy });
}
