import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { InputError } from "../../src/inputError.ts";

const NAME = "localhost/computing-power-demo:1";
const BUSYBOX = "/bin/busybox";
/** The type of a program header that names an interpreter, which loads shared libraries (ELF specification, "Program Header"). */
const PT_INTERP = 3;

/**
 * Makes an image of this machine's busybox, so that the demo needs no registry.
 *
 * @returns Its name.
 * @throws {InputError} Without podman, or without a busybox that needs no libraries.
 */
export function makeImage(): string {
  if (spawnSync("podman", ["--version"]).status !== 0) {
    throw new InputError("podman cannot be run", "Install it as docs/gateway.md says, and run this as root.");
  }
  if (!isStatic(BUSYBOX)) {
    const remedy = "Install Debian's package busybox-static, or name an image that has /bin/busybox with --image.";
    throw new InputError(`${BUSYBOX} is not there, or needs shared libraries`, remedy);
  }
  const folder = mkdtempSync(join(tmpdir(), "demo-image-"));
  try {
    mkdirSync(join(folder, "root/bin"), { recursive: true });
    cpSync(BUSYBOX, join(folder, "root/bin/busybox"), { dereference: true });
    execFileSync("tar", ["-C", join(folder, "root"), "-cf", join(folder, "root.tar"), "."]);
    execFileSync("podman", ["import", join(folder, "root.tar"), NAME], { stdio: ["ignore", "ignore", "pipe"] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return NAME;
}

/** Removes the image that was made. */
export function removeImage(): void {
  spawnSync("podman", ["image", "rm", "--force", NAME], { stdio: "ignore" });
}

/** Whether a file is a 64-bit ELF program without an interpreter. */
function isStatic(path: string): boolean {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch {
    return false;
  }
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2) return false;
  const [start, size, count] = [Number(file.readBigUInt64LE(0x20)), file.readUInt16LE(0x36), file.readUInt16LE(0x38)];
  return Array.from({ length: count }, (_, at) => file.readUInt32LE(start + at * size)).every(
    (kind) => kind !== PT_INTERP,
  );
}
