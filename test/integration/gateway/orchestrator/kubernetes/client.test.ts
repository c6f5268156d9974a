import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

import { expect } from "chai";

import { KubernetesClient } from "../../../../../src/gateway/orchestrator/kubernetes/client.ts";

describe("A cluster's answer", () => {
  it("is read to 64 MiB and no further, and ends its connection then", async () => {
    const mebibyte = Buffer.alloc(2 ** 20, "a");
    let [given, most] = [0, Infinity];
    const ended = Promise.withResolvers<undefined>();
    const server = createServer((_, response) => {
      given = 0;
      const body = function* (): Generator<Buffer> {
        for (; given < most; given++) yield mebibyte;
      };
      response.once("close", () => {
        ended.resolve(undefined);
      });
      Readable.from(body()).pipe(response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = new KubernetesClient({
      server: `http://127.0.0.1:${String(port)}`,
      options: async () => Promise.resolve({}),
    });
    const refused: unknown = await client.ask("GET", "/api").catch((error: unknown) => error);
    expect(refused).to.have.nested.property("cause.message", "an answer of more than 67108864 bytes");
    await ended.promise;
    expect(given).to.be.within(64, 80);
    most = 64;
    expect((await client.ask("GET", "/api")).size).to.equal(64 * 2 ** 20);
    server.close();
  });
});
