/**
 * The sample enclave program as a process: `node main.ts [--key FILE] [--seed TEXT] [--platform NAME]`, requests on stdin, answers on
 * stdout (see protocol.ts). Nothing secret is written anywhere, whatever fails.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { computeAddress, getBytes } from "ethers";

import { makePrivateKey, type PrivateKey } from "../data/keys.ts";
import { toJson } from "../json.ts";
import { EnclaveError } from "./errors.ts";
import { enclaveKeyDocument } from "./keyFile.ts";
import { LineSplitter } from "./lines.ts";
import { EnclaveProgram, problemOf, SIMULATED } from "./program.ts";
import { MAX_LINE, requestForm, type Reply, type Request } from "./protocol.ts";

/** Ends the program with a line for people. */
function quit(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** Whatever is thrown from here on might say something secret. */
function keepSilent(): void {
  const fail = (): never => quit("The program failed, and does not say at what.");
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
}

function options(): { key?: string; seed?: string; platform?: string } {
  try {
    const text = { type: "string" } as const;
    return parseArgs({ options: { key: text, seed: text, platform: text } }).values;
  } catch {
    return quit("Usage: main [--key FILE] [--seed TEXT] [--platform NAME]");
  }
}

/** The key of a simulated enclave that quoted before. */
function readKeyFile(file: string): PrivateKey {
  try {
    const { address, privateKey } = enclaveKeyDocument.parse(JSON.parse(readFileSync(file, "utf8")));
    if (computeAddress(privateKey) !== address) throw new Error("another key's address");
    return { scheme: "Secp256k1", key: getBytes(privateKey) };
  } catch {
    return quit(`The file "${file}" cannot be read, or is not the key of a simulated enclave.`);
  }
}

/** A request, or what is wrong with the line. */
function parseRequest(
  line: string | undefined,
): { id: number | null; request: Request } | { id: number | null; error: EnclaveError } {
  const invalid = (id: number | null, what: string) => ({ id, error: new EnclaveError("INVALID_REQUEST", what) });
  if (line === undefined) return invalid(null, `A line has more than ${MAX_LINE} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return invalid(null, "A line is not JSON");
  }
  const idOfLine = (value as { id?: unknown } | null)?.id;
  const id = Number.isSafeInteger(idOfLine) && Number(idOfLine) >= 0 ? Number(idOfLine) : null;
  const { success, data, error } = requestForm.safeParse(value);
  if (success) return { id: data.id, request: data };
  return invalid(id, `The request is wrong at "${error.issues[0]?.path.join(".") ?? ""}"`);
}

function replyTo(program: EnclaveProgram, line: string | undefined): Reply {
  const read = parseRequest(line);
  if ("error" in read) return { id: read.id, error: problemOf(read.error) };
  const { request } = read;
  try {
    return { id: request.id, answer: program.answer(request) };
  } catch (error) {
    return { id: request.id, error: problemOf(error) };
  }
}

keepSilent();
const { key, seed, platform } = options();
const program = new EnclaveProgram(key === undefined ? makePrivateKey("Secp256k1") : readKeyFile(key), {
  seed,
  platform,
});
process.stderr.write(`${SIMULATED}\n`);

const splitter = new LineSplitter(MAX_LINE);
for await (const chunk of process.stdin) {
  for (const line of splitter.push(chunk as Uint8Array)) {
    process.stdout.write(`${toJson(replyTo(program, line), 0)}\n`);
  }
}
