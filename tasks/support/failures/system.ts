import { EXIT, quoted, type Failure } from "./failure.ts";
import type { Thrown } from "../../../src/causes.ts";

const failure = (name: string, cause: string, remedy: string, exitCode: number = EXIT.input): Failure => ({
  exitCode,
  name,
  cause,
  remedy,
});

/** What the system says of a port that a server wants. */
function ofPort({ code, port, address }: Thrown): Failure | undefined {
  const where = typeof port === "number" ? `The port ${String(port)}` : `The address "${String(address)}"`;
  switch (code) {
    case "EADDRINUSE":
      return failure("PortInUse", `${where} is in use.`, "Stop what listens there, or give another one with --port.");
    case "EACCES":
      return failure("PortRefused", `${where} is for the system's administrator.`, "Give one above 1023 with --port.");
    case "EADDRNOTAVAIL":
      return failure("AddressMissing", `${where} is not one of this machine's.`, "Give another one.");
    default:
      return undefined;
  }
}

/** What the system says of a file, by its code. */
const FILES: Readonly<Record<string, readonly [name: string, what: string, remedy: string]>> = {
  ENOENT: ["FileMissing", "is not there", "Check the path; its folder must exist."],
  ENOTDIR: ["FileMissing", "lies in something that is no folder", "Check the path."],
  EISDIR: ["FileIsFolder", "is a folder", "Give the path of a file."],
  EEXIST: ["FileExists", "is there already", "Give another path."],
  EACCES: ["FileRefused", "may not be read or written by you", "Change its permissions, or give another path."],
  EPERM: ["FileRefused", "may not be read or written by you", "Change its permissions, or give another path."],
  EROFS: ["FileRefused", "lies on a read-only disk", "Give another path."],
  ENOSPC: ["DiskFull", "does not fit on the disk", "Make room, then run it again."],
  EMFILE: ["TooManyFiles", "cannot be opened, because too many are", "Raise the limit of open files (`ulimit -n`)."],
};

function ofFile({ code, path }: Thrown): Failure | undefined {
  if (typeof code !== "string" || typeof path !== "string" || !Object.hasOwn(FILES, code)) return undefined;
  const [name, what, remedy] = FILES[code] ?? ["", "", ""];
  return failure(name, `The file "${path}" ${what} (${code}).`, remedy);
}

/** What the system says of a program that could not be started. */
function ofProgram({ code, syscall, path }: Thrown): Failure | undefined {
  if (typeof syscall !== "string" || !syscall.startsWith("spawn") || typeof code !== "string") return undefined;
  return failure("ProgramMissing", `The program "${String(path)}" cannot be started (${code}).`, "Check its path.");
}

/** A prompt that ended without an answer. */
const ofPrompt = ({ code }: Thrown): Failure | undefined =>
  code === "ABORT_ERR" ? failure("Interrupted", "It was interrupted.", "Run it again.", EXIT.interrupted) : undefined;

/** The failure that an error of the operating system is; nothing where its codes are of none. */
export function systemFailure(causes: readonly Thrown[]): Failure | undefined {
  for (const thrown of causes) {
    const failed =
      (thrown["syscall"] === "listen" ? ofPort(thrown) : undefined) ??
      ofProgram(thrown) ??
      ofFile(thrown) ??
      ofPrompt(thrown);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

/** A defect of ours, or whatever nobody has foreseen. */
export function defect(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const remedy = "This is a defect of the command: please report it with what it printed.";
  return failure("Defect", `It failed in a way that nobody foresaw: ${quoted(message)}.`, remedy, EXIT.defect);
}
