import { createCipheriv, createDecipheriv } from "node:crypto";

import { concatBytes } from "./sgx/bytes.ts";

/** Bytes of what must never be used twice under one key, and of what shows that nothing was changed. */
export const [IV_SIZE, TAG_SIZE] = [12, 16] as const;

/** What AES-256-GCM is applied with. */
export interface GcmUse {
  /** 32 secret bytes. */
  readonly key: Uint8Array;
  /** {@link IV_SIZE} bytes. */
  readonly iv: Uint8Array;
  /** What is authenticated beside the content, and not part of what is sealed. */
  readonly beside: Uint8Array;
}

/** The content under AES-256-GCM, then its tag. */
export function sealGcm({ key, iv, beside }: GcmUse, content: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_SIZE });
  cipher.setAAD(beside);
  return concatBytes(cipher.update(content), cipher.final(), cipher.getAuthTag());
}

/**
 * The content of what {@link sealGcm} gave.
 *
 * @throws {Error} Of Node.js, for anything else.
 */
export function openGcm({ key, iv, beside }: GcmUse, sealed: Uint8Array): Uint8Array {
  const end = sealed.length - TAG_SIZE;
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_SIZE });
  decipher.setAAD(beside);
  decipher.setAuthTag(sealed.subarray(Math.max(end, 0)));
  const content = decipher.update(sealed.subarray(0, Math.max(end, 0)));
  // In this mode nothing comes last: it only says whether the tag is right.
  decipher.final();
  return new Uint8Array(content.buffer, content.byteOffset, content.length);
}
