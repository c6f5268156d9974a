import { expect } from "chai";
import { Wallet } from "ethers";

import { OrderClient } from "../../../../src/gateway/client/orderClient.ts";
import { askJson, GatewayError } from "../../../../src/gateway/client/request.ts";
import { TransferClient, type FileSource } from "../../../../src/gateway/client/transferClient.ts";
import { uploadForm } from "../../../../src/gateway/client/forms.ts";
import { TrustedProxies } from "../../../../src/gateway/http/addresses.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { serve, testAudience, type Served } from "../../../fixtures/gateway/http/server.ts";

/** The origin of some page. */
const PAGE = "https://page.example";
/** Headers and methods that browsers ask about nobody for. */
const [PLAIN_HEADERS, PLAIN_METHODS] = [new Set(["accept"]), new Set(["GET", "HEAD", "POST"])];

const listed = (response: Response, name: string): string[] =>
  (response.headers.get(`access-control-allow-${name}`) ?? "").split(",").map((each) => each.trim().toLowerCase());

/** Asks for a page as browsers do: it fails wherever the gateway does not allow it, and streams cannot be iterated over. */
const browserFetch: typeof fetch = async (input, init) => {
  const { url, method, headers } = new Request(input, init);
  const named = [...headers.keys()].filter((name) => !PLAIN_HEADERS.has(name));
  const question = { "access-control-request-method": method, "access-control-request-headers": named.join(",") };
  const asked = await fetch(url, { method: "OPTIONS", headers: { origin: PAGE, ...question } });
  const isAllowed = asked.ok && listed(asked, "origin").some((origin) => origin === "*" || origin === PAGE);
  const refused = [
    ...named.filter((name) => !listed(asked, "headers").includes(name)),
    ...(PLAIN_METHODS.has(method) || listed(asked, "methods").includes(method.toLowerCase()) ? [] : [method]),
  ];
  if (!isAllowed || refused.length > 0) throw new TypeError(`The browser refuses: ${refused.join(", ")}`);
  const response = await fetch(input, init);
  if (!listed(response, "origin").includes("*")) throw new TypeError("The browser keeps the answer");
  if (response.body !== null) Object.defineProperty(response.body, Symbol.asyncIterator, { value: undefined });
  return response;
};

describe("clients of the gateway in a browser", () => {
  const wallet = new Wallet(`0x${"1".repeat(64)}`);
  let served: Served;
  let order: OrderClient;
  let transfer: TransferClient;

  before(async () => {
    served = await serve({
      routes: (api) => {
        const definition = (method: "get" | "put", path: string) =>
          ({ method, path, responses: { 200: { description: "Done" } } }) as const;
        api.route({ kind: "open" }, definition("get", "/v1/orders/7/logs"), () => {
          const line = { id: 1, workload: "web", container: "web", time: 1, stream: "stdout", text: "hello" };
          const events = `id: 1\ndata: ${JSON.stringify(line)}\n\nevent: end\ndata: {}\n\n`;
          return new Response(events, { headers: { "content-type": "text/event-stream" } });
        });
        let there = 0;
        const upload = () => Response.json({ offset: there, length: 3, isComplete: false }) as never;
        api.route({ kind: "open" }, definition("get", "/v1/datasets/1/content/upload"), upload);
        api.route({ kind: "open" }, definition("put", "/v1/datasets/1/content"), () => {
          there = 3;
          return Response.json({ offset: 3, length: 3, isComplete: true });
        });
      },
    });
    const { chainId, orderEscrow, node } = testAudience;
    const audience = { chainId, orderEscrow, node, gateway: served.origin };
    const by = { audience, account: wallet.address, wallet, fetch: browserFetch };
    order = new OrderClient({ ...by, order: 7, terms: `0x${"2".repeat(64)}`, delegation: "delegation.signed" });
    transfer = new TransferClient(by);
  });
  after(async () => served.server.close());

  it("may ask all that an order's user asks, and read what it is refused with", async () => {
    const manifest = { url: "https://user.example/app.yaml", sha256: `0x${"3".repeat(64)}` };
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      tryOut: async () => order.tryOut(manifest),
      deploy: async () => order.deploy(manifest),
      status: async () => order.status(),
      remove: async () => order.remove(false),
      receipt: async () => order.receipt(),
      events: async () => order.events(),
      usage: async () => order.usage(),
      billing: async () => order.billing(),
      link: async () => order.link("web"),
      secrets: async () => order.secrets(),
      putSecret: async () => order.putSecret("name", 1, new Map([["key", new Uint8Array(3)]])),
      removeSecret: async () => order.removeSecret("name"),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      // There is no such route here: a browser that had refused would not have learned that.
      expect(error, name).to.be.instanceOf(GatewayError);
      expect((error as GatewayError).code, name).to.equal("route-not-found");
    }
  });

  it("may follow logs, with their token, whatever the browser's streams can do", async () => {
    const lines = [];
    for await (const line of order.followLogs({}, new AbortController().signal)) lines.push(line);
    expect(lines.map((line) => line.text)).to.deep.equal(["hello"]);
  });

  it("may send files", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const source: FileSource = { size: 3, read: async () => Promise.resolve(bytes) };
    expect(await transfer.sendFile("datasets/1", "content", source)).to.equal(true);
    expect(
      await askJson(served.origin, "/v1/datasets/1/content/upload", uploadForm, { fetch: browserFetch }),
    ).to.include({ offset: 3 });
  });

  it("learn that too much is under way", async () => {
    const trusted = new TrustedProxies(["127.0.0.1"]);
    let count = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const crowded = await serve({
      trusted,
      routes: (api) => {
        const responses = { 200: { description: "Done" } };
        api.route({ kind: "open" }, { method: "get", path: "/wait", responses }, async (context) => {
          count += 1;
          await released;
          return context.text("done");
        });
      },
    });
    const headers = { "x-forwarded-for": "198.51.100.7" };
    const waiting = Array.from({ length: 100 }, async () =>
      (await fetch(`${crowded.origin}/wait`, { headers })).text(),
    );
    await until("a hundred requests wait", () => count === 100);
    const refused = await fetch(`${crowded.origin}/hello/you`, { headers });
    expect([refused.status, listed(refused, "origin")]).to.deep.equal([429, ["*"]]);
    release();
    await Promise.all(waiting);
    await crowded.server.close();
  });
});
