import { createHash } from "node:crypto";

import { readBytes } from "../support/inputs.ts";
import { bytesOf } from "../../src/gateway/client/chunks.ts";
import { InputError } from "../../src/inputError.ts";

/** The most bytes of a manifest that gateways take. */
const LIMIT = 65_536;
const PATIENCE = 15_000;

/** The SHA-256 of a manifest: of the file that was named, or of what the URL gives now. 0x and 64 hexadecimal digits. */
export async function manifestHash(url: string, file: string | undefined): Promise<string> {
  const bytes = file === undefined ? await fetched(url) : readBytes(file);
  if (bytes.length > LIMIT) throw tooLarge();
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}

const tooLarge = (): InputError =>
  new InputError(`The manifest has more than ${String(LIMIT)} bytes`, "Put large files into the image.");

/** Whether a manifest is named by its URL. */
export const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

/** The bytes of a manifest: of a file, or of what a URL gives now. */
export async function manifestBytes(place: string): Promise<Uint8Array> {
  return isUrl(place) ? fetched(place) : readBytes(place);
}

async function fetched(url: string): Promise<Uint8Array> {
  const remedy = "Check the URL, or name the manifest's file.";
  if (!URL.canParse(url) || !isUrl(url)) throw new InputError(`"${url}" is not a URL of a manifest`, remedy);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    const bytes = answer.ok ? await bytesOf(answer.body, LIMIT) : undefined;
    if (bytes !== undefined) return bytes;
    if (answer.ok) throw tooLarge();
    throw new InputError(`${url} answers with status ${String(answer.status)}`, remedy);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${url} cannot be fetched`, remedy, { cause });
  }
}
