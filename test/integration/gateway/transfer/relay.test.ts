import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

import { addEnclaveRoute, EnclaveRelay } from "../../../../src/gateway/transfer/relay.ts";
import { serve, type Served } from "../../../fixtures/gateway/http/server.ts";

describe("The door to the enclave", () => {
  let enclave: Server;
  let waiting: ServerResponse[];
  let isSlow: boolean;
  let relay: EnclaveRelay;
  let served: Served;
  let sockets: Socket[];

  beforeEach(async () => {
    [waiting, isSlow, sockets] = [[], false, []];
    enclave = createServer((request, response) => {
      request.resume().on("end", () => {
        if (isSlow) waiting.push(response);
        else response.end("an answer");
      });
    }).listen(0, "127.0.0.1");
    await once(enclave, "listening");
    const { port } = enclave.address() as AddressInfo;
    relay = new EnclaveRelay({ url: `http://127.0.0.1:${String(port)}/`, socketPath: undefined });
    served = await serve({
      trustedProxies: ["127.0.0.1"],
      routes: (api) => {
        addEnclaveRoute(api, relay);
      },
    });
  });
  afterEach(async () => {
    for (const response of waiting) response.end();
    for (const socket of sockets) socket.destroy();
    await relay.close();
    await served.server.close();
    enclave.closeAllConnections();
    enclave.close();
  });

  const knock = async (client: string): Promise<Response> =>
    fetch(`${served.origin}/v1/enclave`, { method: "POST", body: "hi", headers: { "x-forwarded-for": client } });

  it("hands messages on, and their answers back", async () => {
    const answer = await knock("203.0.113.5");
    expect([answer.status, await answer.text()]).to.deep.equal([200, "an answer"]);
  });

  it("stays open while messages do not come, however many", async () => {
    for (let i = 0; i < 40; i += 1) {
      const socket = connect(served.port, "127.0.0.1").on("error", () => undefined);
      sockets.push(socket);
      socket.write("POST /v1/enclave HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\na");
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await knock("203.0.113.5")).status).to.equal(200);
  });

  it("has eight messages of one client under way, and thirty-two of all", async () => {
    isSlow = true;
    const all: Promise<Response>[] = [];
    const until = async (count: number): Promise<void> => {
      while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (let client = 1; client <= 4; client += 1) {
      for (let i = 0; i < 8; i += 1) all.push(knock(`203.0.113.${String(client)}`));
      await until(8 * client);
      if (client === 1) expect((await knock("203.0.113.1")).status).to.equal(429);
    }
    const refused = await knock("203.0.113.9");
    expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([429, "1"]);
    isSlow = false;
    for (const response of waiting) response.end();
    expect((await Promise.all(all)).every(({ status }) => status === 200)).to.equal(true);
    expect((await knock("203.0.113.1")).status).to.equal(200);
  });
});
