import { expect } from "chai";
import fc from "fast-check";
import { createDecipheriv, createHash } from "node:crypto";

import {
  contentHashOf,
  decryptDataset,
  encryptDataset,
  MAX_DATASET_SIZE,
  MAX_FILE_SIZE,
} from "../../../src/data/cipher.ts";
import { keccak256, utf8 } from "../../../src/sgx/bytes.ts";
import { dataErrorOf, dataFaultOf } from "../../fixtures/data.ts";

const plain = utf8("1.5,2.5,0\n3.5,4.5,1\n");

/** A copy with one bit turned. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe("encrypted datasets", () => {
  it("come back as they were, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const { file, dataKey, contentHash } = encryptDataset(bytes);
        expect(decryptDataset(file, dataKey, contentHash)).to.deep.equal(bytes);
        expect(decryptDataset(file, dataKey, contentHash.toUpperCase().replace("0X", "0x"))).to.deep.equal(bytes);
      }),
    );
  });

  it("are laid out as documented, AES-256-GCM with the header as associated data", () => {
    const { file, dataKey, contentHash } = encryptDataset(plain);
    const buffer = Buffer.from(file);
    expect(file.length).to.equal(60 + plain.length + 16);
    expect(buffer.subarray(0, 8).toString("hex")).to.equal("4350444601000000");
    expect(buffer.readBigUInt64BE(8)).to.equal(BigInt(plain.length));
    const commitment = createHash("sha256").update("ComputingPower.DataKey/1").update(dataKey).digest();
    expect(buffer.subarray(16, 48).equals(commitment)).to.equal(true);
    const decipher = createDecipheriv("aes-256-gcm", dataKey, buffer.subarray(48, 60));
    decipher.setAAD(buffer.subarray(0, 60)).setAuthTag(buffer.subarray(-16));
    const opened = Buffer.concat([decipher.update(buffer.subarray(60, -16)), decipher.final()]);
    expect(new Uint8Array(opened)).to.deep.equal(plain);
    expect(contentHash).to.equal(keccak256(file)).and.to.equal(contentHashOf(file));
  });

  it("have a fresh key and a fresh IV each", () => {
    const made = Array.from({ length: 50 }, () => encryptDataset(plain));
    expect(new Set(made.map(({ dataKey }) => Buffer.from(dataKey).toString("hex"))).size).to.equal(50);
    expect(new Set(made.map(({ file }) => Buffer.from(file.subarray(48, 60)).toString("hex"))).size).to.equal(50);
  });

  it("never open with a bit turned, whether or not the commitment follows", async () => {
    const { file, dataKey, contentHash } = encryptDataset(plain);
    const faults = new Set<string>();
    for (let bit = 0; bit < file.length * 8; bit++) {
      const bad = flipped(file, bit);
      expect(["FILE_TAMPERED", "FILE_TRUNCATED"]).to.include(
        await dataFaultOf(() => decryptDataset(bad, dataKey, contentHash)),
      );
      faults.add(await dataFaultOf(() => decryptDataset(bad, dataKey, contentHashOf(bad))));
    }
    expect([...faults].sort()).to.deep.equal(["FILE_BROKEN", "FILE_FORMAT", "WRONG_DATA_KEY"]);
  });

  it("never open when cut or prolonged, and say so", async () => {
    const { file, dataKey, contentHash } = encryptDataset(plain);
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      expect(await dataFaultOf(() => decryptDataset(cut, dataKey, contentHash))).to.equal("FILE_TRUNCATED");
      expect(await dataFaultOf(() => decryptDataset(cut, dataKey, contentHashOf(cut)))).to.equal("FILE_FORMAT");
    }
    const longer = Uint8Array.from([...file, 0]);
    expect(await dataFaultOf(() => decryptDataset(longer, dataKey, contentHash))).to.equal("FILE_TRUNCATED");
    expect(await dataFaultOf(() => decryptDataset(longer, dataKey, contentHashOf(longer)))).to.equal("FILE_FORMAT");
  });

  it("tell a wrong key from a bad file, without saying the key", async () => {
    const { file, dataKey, contentHash } = encryptDataset(plain);
    const other = encryptDataset(plain);
    for (const key of [other.dataKey, flipped(dataKey, 7), dataKey.subarray(1), new Uint8Array()]) {
      const error = await dataErrorOf(() => decryptDataset(file, key, contentHash));
      expect(error.code).to.equal("WRONG_DATA_KEY");
      if (key.length > 0) expect(error.message).to.not.include(Buffer.from(key).toString("hex"));
    }
    const swapped = await dataErrorOf(() => decryptDataset(other.file, other.dataKey, contentHash));
    expect(swapped.code).to.equal("FILE_TAMPERED");
    expect(swapped.message).to.include(other.contentHash).and.to.include(contentHash);
  });

  it("commit to their key with every byte of the commitment, so that no file opens with two keys", async () => {
    const { file, dataKey } = encryptDataset(plain);
    for (let byte = 16; byte < 48; byte++) {
      const forged = flipped(file, 8 * byte);
      const fault = await dataFaultOf(() => decryptDataset(forged, dataKey, contentHashOf(forged)));
      expect(fault, `byte ${byte}`).to.equal("WRONG_DATA_KEY");
    }
  });

  it("have a key and an IV that are random in every byte", () => {
    const made = Array.from({ length: 64 }, () => encryptDataset(plain));
    // Of 64 random bytes 56 are different on average, and fewer than 30 practically never.
    const different = (bytes: readonly Uint8Array[], at: number): number => new Set(bytes.map((each) => each[at])).size;
    const [keys, files] = [made.map(({ dataKey }) => dataKey), made.map(({ file }) => file)];
    for (let at = 0; at < 32; at++) expect(different(keys, at), `key, byte ${at}`).to.be.greaterThan(30);
    for (let at = 48; at < 60; at++) expect(different(files, at), `IV, byte ${at}`).to.be.greaterThan(30);
  });

  it("have at most 64 MiB", async () => {
    expect(MAX_DATASET_SIZE).to.equal(67_108_864);
    const error = await dataErrorOf(() => encryptDataset(new Uint8Array(MAX_DATASET_SIZE + 1)));
    expect(error.code).to.equal("FILE_TOO_LARGE");
    expect(error.message).to.include("67108864 bytes, not 67108865");
    const { dataKey, contentHash } = encryptDataset(plain);
    const huge = new Uint8Array(MAX_FILE_SIZE + 1);
    expect(await dataFaultOf(() => decryptDataset(huge, dataKey, contentHash))).to.equal("FILE_TOO_LARGE");
  });
});
