import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import { HOST, openGuardedGateway, type GuardedGateway } from "../../../fixtures/gateway/proxy/guardedGateway.ts";
import { Client, quantile } from "../../../fixtures/gateway/proxy/load.ts";

const [REQUESTS, AT_ONCE] = [10_000, 100] as const;
const BODY = Buffer.alloc(2_048, "x");

describe("The door to applications under load", () => {
  let application: Server;
  let gateway: GuardedGateway;
  let client: Client;

  before(async () => {
    application = createServer((_request, response) => response.end(BODY));
    await new Promise<void>((resolve) => {
      application.listen(0, "127.0.0.1", resolve);
    });
    gateway = await openGuardedGateway((application.address() as AddressInfo).port);
    const headers = { host: HOST, authorization: `Bearer ${gateway.token}` };
    client = new Client({ port: gateway.port, path: "/", headers }, AT_ONCE);
  });

  after(async () => {
    client.close();
    await gateway.close();
    application.closeAllConnections();
    application.close();
  });

  it(`answers each of ${String(REQUESTS)} requests, ${String(AT_ONCE)} at once, as the application does`, async () => {
    const { statuses, times } = await client.send(REQUESTS, AT_ONCE);
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)].map((time) => time.toFixed(1));
    console.log(`      p50 ${p50 ?? ""} ms, p99 ${p99 ?? ""} ms, client and application in the same process`);
    expect([...statuses]).to.deep.equal([[200, REQUESTS]]);
    expect(times).to.have.lengthOf(REQUESTS);
  });

  it("lets nobody in without the token, however many ask", async () => {
    const stranger = new Client({ port: gateway.port, path: "/", headers: { host: HOST } }, AT_ONCE);
    const { statuses } = await stranger.send(1_000, AT_ONCE);
    stranger.close();
    expect([...statuses]).to.deep.equal([[401, 1_000]]);
  });
});
