import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { once } from "node:events";

import { expect } from "chai";

import { RegistryProxy } from "../../../../../src/gateway/orchestrator/podman/registryProxy.ts";

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  "registry.example": ["93.184.216.34"],
  "inside.example": ["10.0.0.7"],
  "both.example": ["93.184.216.34", "127.0.0.1"],
  "metadata.example": ["169.254.169.254"],
  "azure.example": ["168.63.129.16"],
};

describe("The way by which podman reaches registries", () => {
  let registry: Server;
  let proxy: RegistryProxy;
  let asked: IncomingMessage[];
  let connected: (readonly string[])[];

  beforeEach(async () => {
    [asked, connected] = [[], []];
    registry = createServer((incoming, outgoing) => {
      asked.push(incoming);
      outgoing.end(`registry ${incoming.url ?? ""}`);
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    const { port } = registry.address() as AddressInfo;
    proxy = await RegistryProxy.open({
      resolve: (host) => Promise.resolve(HOSTS[host] ?? []),
      connect: ({ addresses }) => {
        connected.push(addresses);
        return connect(port, "127.0.0.1");
      },
    });
  });
  afterEach(() => {
    proxy.close();
    registry.closeAllConnections();
    registry.close();
  });

  /** Asks as podman does; gives the status, and what was said. */
  async function ask(method: string, path: string, user?: string): Promise<readonly [number | undefined, string]> {
    const { port, username, password } = new URL(proxy.url);
    const credentials = Buffer.from(user ?? `${username}:${password}`).toString("base64");
    const headers = { "proxy-authorization": `Basic ${credentials}` };
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
    if (method === "CONNECT") {
      sent.end();
      const [answer, socket] = (await once(sent, "connect")) as [IncomingMessage, ReturnType<typeof connect>];
      if (answer.statusCode !== 200) return [answer.statusCode, ""];
      socket.end("GET /v2/ HTTP/1.1\r\nhost: registry.example\r\nconnection: close\r\n\r\n");
      let text = "";
      for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
      return [200, text];
    }
    sent.end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString();
    return [answer.statusCode, text];
  }

  it("leads to public addresses, by tunnels and by plain requests", async () => {
    const [status, text] = await ask("CONNECT", "registry.example:443");
    expect([status, text.includes("registry /v2/")]).to.deep.equal([200, true]);
    expect(await ask("GET", "http://registry.example/token?a=b")).to.deep.equal([200, "registry /token?a=b"]);
    expect(asked.at(-1)?.headers).not.to.have.property("proxy-authorization");
    expect(connected).to.deep.equal([["93.184.216.34"], ["93.184.216.34"]]);
  });

  it("leads to no address that is not public, whatever names it", async () => {
    const hosts = [
      ...Object.keys(HOSTS).slice(1),
      "127.0.0.1",
      "[::1]",
      "10.1.2.3",
      "169.254.169.254",
      "nobody.example",
    ];
    for (const host of hosts) {
      expect(await ask("CONNECT", `${host}:443`), host).to.deep.equal([403, ""]);
      expect((await ask("GET", `http://${host}/latest/meta-data`))[0], host).to.equal(403);
    }
    expect([asked, connected]).to.deep.equal([[], []]);
  });

  it("lets nobody in but who was told its address", async () => {
    expect((await ask("CONNECT", "registry.example:443", "gateway:guess"))[0]).to.equal(407);
    expect((await ask("GET", "http://registry.example/", "gateway:"))[0]).to.equal(407);
    expect(connected).to.deep.equal([]);
  });

  it("is taken for every host", () => {
    const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy, NO_PROXY, no_proxy } = proxy.environment;
    expect(new Set([HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy])).to.deep.equal(new Set([proxy.url]));
    expect([NO_PROXY, no_proxy]).to.deep.equal(["", ""]);
  });
});
