import { expect } from "chai";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { GatewayError } from "../../../src/gateway/client/request.ts";
import { MAX_MESSAGE } from "../../../src/proxy/channel/messages.ts";
import { gatewayCarrier } from "../../../src/proxy/gatewayCarrier.ts";
import { proxyFaultOf } from "../../fixtures/proxy/proxyNode.ts";

describe("messages to a proxy by a gateway", () => {
  const servers: Server[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  });

  /** The origin of a gateway that answers so. */
  async function opened(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  it("go and come as they are", async () => {
    const origin = await opened((request, response) => {
      expect([request.method, request.url]).to.deep.equal(["POST", "/v1/enclave"]);
      request.pipe(response);
    });
    const message = Uint8Array.from({ length: MAX_MESSAGE }, (_, i) => i % 251);
    expect(await gatewayCarrier(origin)(message)).to.deep.equal(message);
  });

  it("are not read beyond the longest that there is", async () => {
    const origin = await opened((_request, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect(await proxyFaultOf(gatewayCarrier(origin)(Uint8Array.of(1)))).to.equal("MESSAGE_FORM");
  });

  it("are told to have failed where the gateway refuses them", async () => {
    const problem = {
      status: 429,
      code: "rate-limited",
      title: "Too many",
      detail: "Too many messages",
      hint: "Wait.",
    };
    const origin = await opened((_request, response) => {
      response.writeHead(429, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
    });
    const error: unknown = await gatewayCarrier(origin)(Uint8Array.of(1)).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(GatewayError);
    expect(error).to.include({ code: "rate-limited" });
  });
});
