import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, type Stats } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";

import { InputError } from "../../inputError.ts";

/** The most bytes of a socket's path that every Unix takes. */
const MAX_PATH = 103;

/** Milliseconds to find out whether somebody listens. */
const ANSWERS_WITHIN = 2_000;

const isOwn = ({ uid }: Stats): boolean => process.geteuid === undefined || uid === process.geteuid();

/**
 * Makes the folder of a socket if it is missing, and refuses one that is not this account's alone.
 *
 * @throws {InputError} Also for a path that is too long.
 */
export function prepareFolder(path: string): void {
  const length = Buffer.byteLength(path);
  if (length > MAX_PATH) {
    throw new InputError(`The socket's path has ${length} bytes, more than ${MAX_PATH}`, "Choose a shorter path.");
  }
  const folder = dirname(path);
  try {
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") {
      throw new InputError(`The folder "${folder}" cannot be made`, "Make it, with the mode 700.", { cause });
    }
  }
  requirePrivate(folder);
}

function requirePrivate(folder: string): void {
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw new InputError(`"${folder}" is not a folder`, "Name a socket in a folder of its own.");
  if (!isOwn(stat)) {
    const problem = `The folder "${folder}" is owned by the account ${stat.uid}`;
    throw new InputError(problem, "Name a socket in a folder of this account's.");
  }
  if ((stat.mode & 0o077) === 0) return;
  const mode = (stat.mode & 0o777).toString(8).padStart(4, "0");
  throw new InputError(`The folder "${folder}" has the mode ${mode}, so others can use it`, `Run: chmod 700 ${folder}`);
}

/**
 * Removes the socket that a program has left behind that was killed.
 *
 * @throws {InputError} When somebody listens there, or it is something else than a socket of this account's.
 */
export async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new InputError(`"${path}" exists and is not a socket`, "Name another path, or remove it.");
  }
  if (!isOwn(found)) {
    throw new InputError(`The socket "${path}" is owned by the account ${found.uid}`, "Name another path.");
  }
  if (await isAnswered(path)) {
    throw new InputError(`Another program listens at "${path}"`, "Stop that one, or name another path.");
  }
  const aside = `${path}.${process.pid}`;
  renameSync(path, aside);
  try {
    // A program that has started meanwhile may have put its own there.
    if (lstatSync(aside).ino !== found.ino) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Whether a program listens; one that does not take connections in time counts. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => {
        resolve(true);
      });
      socket.once("error", ({ code }: NodeJS.ErrnoException) => {
        resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
      });
      socket.setTimeout(ANSWERS_WITHIN, () => {
        resolve(true);
      });
    });
  } finally {
    socket.destroy();
  }
}
