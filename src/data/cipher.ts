import { createHash, randomBytes } from "node:crypto";

import { IV_SIZE, openGcm, sealGcm, TAG_SIZE } from "../aesGcm.ts";
import { concatBytes, keccak256, sameBytes, utf8, type Hex } from "../sgx/bytes.ts";
import { DataError } from "./errors.ts";

/*
 * An encrypted dataset, version 1. Numbers are big-endian.
 *
 * | offset | bytes | what                                                                    |
 * | ------ | ----- | ----------------------------------------------------------------------- |
 * | 0      | 4     | `CPDF`                                                                  |
 * | 4      | 1     | version, 1                                                              |
 * | 5      | 3     | zero                                                                    |
 * | 8      | 8     | n, how many bytes the dataset has                                       |
 * | 16     | 32    | commitment to the key: SHA-256 of `ComputingPower.DataKey/1`, then key  |
 * | 48     | 12    | IV                                                                      |
 * | 60     | n     | the dataset under AES-256-GCM; the 60 bytes before it are its AAD       |
 * | 60 + n | 16    | tag                                                                     |
 *
 * GCM alone does not commit to its key: somebody could make one file that two keys open to different data. With the key's
 * hash in the header, the content commitment on chain stands for one dataset only, and a wrong key is distinguished from a bad file.
 * The key is 32 random bytes, so its hash says nothing about it.
 */

const MAGIC = utf8("CPDF");
const VERSION = 1;
const KEY_SIZE = 32;
const LENGTH_OFFSET = 8;
const COMMITMENT_OFFSET = 16;
const IV_OFFSET = 48;
const HEADER_SIZE = 60;

/** The most bytes that a dataset has before it is encrypted: 64 MiB. It is held in memory as a whole. */
export const MAX_DATASET_SIZE = 64 * 2 ** 20;

/** The most bytes of an encrypted dataset. */
export const MAX_FILE_SIZE = HEADER_SIZE + MAX_DATASET_SIZE + TAG_SIZE;

/** An encrypted dataset, and what opens it. */
export interface EncryptedDataset {
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
  readonly file: Uint8Array;
  /** keccak256 of the file: what is registered on chain. */
  readonly contentHash: Hex;
}

/** The content commitment of an encrypted file. */
export function contentHashOf(file: Uint8Array): Hex {
  return keccak256(file);
}

function commitmentOf(dataKey: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update("ComputingPower.DataKey/1").update(dataKey).digest());
}

function headerOf(size: number, dataKey: Uint8Array, iv: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_SIZE);
  header.set(MAGIC, 0);
  header[MAGIC.length] = VERSION;
  new DataView(header.buffer).setBigUint64(LENGTH_OFFSET, BigInt(size));
  header.set(commitmentOf(dataKey), COMMITMENT_OFFSET);
  header.set(iv, IV_OFFSET);
  return header;
}

/** How many bytes the dataset has, by its header; nothing where that is not one of ours. */
function sizeInHeader(file: Uint8Array): number | undefined {
  if (file.length < LENGTH_OFFSET + 8) return undefined;
  const start = concatBytes(MAGIC, Uint8Array.of(VERSION, 0, 0, 0));
  if (!sameBytes(file.subarray(0, LENGTH_OFFSET), start)) return undefined;
  const size = new DataView(file.buffer, file.byteOffset).getBigUint64(LENGTH_OFFSET);
  return size > BigInt(MAX_DATASET_SIZE) ? undefined : Number(size);
}

/**
 * Encrypts a dataset under a fresh key.
 *
 * @throws {DataError} FILE_TOO_LARGE.
 */
export function encryptDataset(plain: Uint8Array): EncryptedDataset {
  if (plain.length > MAX_DATASET_SIZE) {
    throw new DataError("FILE_TOO_LARGE", `A dataset has at most ${MAX_DATASET_SIZE} bytes, not ${plain.length}`);
  }
  const dataKey = new Uint8Array(randomBytes(KEY_SIZE));
  const iv = new Uint8Array(randomBytes(IV_SIZE));
  const header = headerOf(plain.length, dataKey, iv);
  const file = concatBytes(header, sealGcm({ key: dataKey, iv, beside: header }, plain));
  return { dataKey, file, contentHash: contentHashOf(file) };
}

/** Throws unless the file is the one of the content commitment, and says what seems to be wrong with it. */
function requireContent(file: Uint8Array, contentHash: string): void {
  if (file.length > MAX_FILE_SIZE) {
    throw new DataError(
      "FILE_TOO_LARGE",
      `An encrypted dataset has at most ${MAX_FILE_SIZE} bytes, not ${file.length}`,
    );
  }
  const hash = contentHashOf(file);
  if (hash === contentHash.toLowerCase()) return;
  const size = sizeInHeader(file);
  const due = size === undefined ? HEADER_SIZE + TAG_SIZE : HEADER_SIZE + size + TAG_SIZE;
  if (file.length < due || (size !== undefined && file.length !== due)) {
    throw new DataError("FILE_TRUNCATED", `The encrypted file has ${file.length} bytes, and should have ${due}`);
  }
  throw new DataError("FILE_TAMPERED", `The encrypted file's hash is ${hash}, and should be ${contentHash}`);
}

/**
 * Checks an encrypted file by its content commitment, and that a data key is its own; decrypts nothing.
 *
 * @returns How many bytes the dataset has.
 * @throws {DataError} FILE_TOO_LARGE, FILE_TRUNCATED or FILE_TAMPERED where it is not that file; FILE_FORMAT where it is but was never
 * good; WRONG_DATA_KEY.
 */
export function requireDataKey(file: Uint8Array, dataKey: Uint8Array, contentHash: string): number {
  requireContent(file, contentHash);
  const size = sizeInHeader(file);
  if (size === undefined || file.length !== HEADER_SIZE + size + TAG_SIZE) {
    throw new DataError(
      "FILE_FORMAT",
      `The file with hash ${contentHash} is not an encrypted dataset of version ${VERSION}`,
    );
  }
  if (dataKey.length !== KEY_SIZE) {
    throw new DataError("WRONG_DATA_KEY", `A data key has ${KEY_SIZE} bytes, not ${dataKey.length}`);
  }
  if (!sameBytes(commitmentOf(dataKey), file.subarray(COMMITMENT_OFFSET, IV_OFFSET))) {
    throw new DataError("WRONG_DATA_KEY", `The data key is not that of the file with hash ${contentHash}`);
  }
  return size;
}

/**
 * Checks an encrypted file by its content commitment, then decrypts it.
 *
 * @throws {DataError} FILE_BROKEN where it does not open with its own key, and those of {@link requireDataKey}.
 */
export function decryptDataset(file: Uint8Array, dataKey: Uint8Array, contentHash: string): Uint8Array {
  requireDataKey(file, dataKey, contentHash);
  const iv = file.subarray(IV_OFFSET, HEADER_SIZE);
  try {
    return openGcm({ key: dataKey, iv, beside: file.subarray(0, HEADER_SIZE) }, file.subarray(HEADER_SIZE));
  } catch (cause) {
    throw new DataError("FILE_BROKEN", `The file with hash ${contentHash} does not open with its own key`, { cause });
  }
}
