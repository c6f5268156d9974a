import { hexlify } from "ethers";
import { writeFileSync } from "node:fs";

import { offlineAction } from "../support/action.ts";
import { word } from "../support/command.ts";
import { checkAbsent, readBytes, writeDocument } from "../support/inputs.ts";
import { encryptDataset } from "../../src/data/cipher.ts";

interface Arguments {
  readonly file: string;
  readonly out: string | undefined;
  readonly key: string | undefined;
}

export default offlineAction(async ({ file, out, key }: Arguments) => {
  const plain = readBytes(file);
  const [encrypted, keyFile] = [out ?? `${file}.enc`, key ?? `${file}.key.json`];
  // Without its key, what was encrypted under it is lost.
  const remedy = "Name other files with --out and --key, or move the old file away.";
  for (const name of [encrypted, keyFile]) checkAbsent(name, remedy);
  const { file: bytes, dataKey, contentHash } = encryptDataset(plain);
  writeDocument(keyFile, { kind: "dataset-key", contentHash, dataKey: hexlify(dataKey) }, { secret: true });
  writeFileSync(encrypted, bytes);
  return Promise.resolve({
    data: { contentHash, bytes: bytes.length, files: { encrypted, key: keyFile } },
    rows: [
      ["Encrypted", `${encrypted}, ${String(bytes.length)} bytes`],
      ["Content hash", contentHash],
      ["Key", `${keyFile}: keep it secret, and do not lose it`],
    ],
    next: `\`dataset register --file ${word(encrypted)} --price 1\`, with your price.`,
  });
});
