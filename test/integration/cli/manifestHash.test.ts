import { expect } from "chai";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { manifestHash } from "../../../tasks/app/manifest.ts";

/** The most bytes of a manifest. */
const MOST = 65_536;

describe("the hash of a manifest", () => {
  it("is of what a URL gives or a file has, and of nothing that is longer than gateways take", async () => {
    const folder = mkdtempSync(join(tmpdir(), "manifest-"));
    const file = join(folder, "app.yaml");
    let bytes = Buffer.alloc(0);
    const server = createServer((_, response) => response.end(bytes)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/app.yaml`;
    try {
      for (const size of [MOST, MOST + 1]) {
        bytes = Buffer.alloc(size, "a");
        writeFileSync(file, bytes);
        for (const named of [undefined, file]) {
          const hash = await manifestHash(url, named).catch((error: unknown) => (error as Error).message);
          if (size > MOST) expect(hash).to.include("has more than 65536 bytes");
          else expect(hash).to.equal(`0x${createHash("sha256").update(bytes).digest("hex")}`);
        }
      }
    } finally {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    }
  });
});
