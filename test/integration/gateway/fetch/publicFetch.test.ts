import { expect } from "chai";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";

import { causesOf } from "../../../../src/causes.ts";
import { publicFetch } from "../../../../src/gateway/fetch/publicFetch.ts";

describe("Fetching from public addresses alone", () => {
  let server: Server;
  let port: number;
  let connections: number;

  before(async () => {
    connections = 0;
    server = createServer((socket) => {
      connections += 1;
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  after(() => {
    server.close();
  });

  for (const host of ["127.0.0.1", "localhost", "[::ffff:7f00:1]", "10.0.0.1", "169.254.169.254", "[fd00::1]"]) {
    for (const scheme of ["http", "https"]) {
      it(`does not connect to ${scheme}://${host}, and says why`, async () => {
        const error: unknown = await publicFetch(`${scheme}://${host}:${String(port)}/`).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(causesOf(error).map(({ code }) => code)).to.include("NOT_PUBLIC");
        expect(connections).to.equal(0);
      });
    }
  }
});
