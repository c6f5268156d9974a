import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { checkEndpoint } from "../../../src/page/endpoint.ts";
import { isForBrowsers, isLocalUrl, isLoopback, secretIn } from "../../../src/page/rpcUrls.ts";
import { freePort } from "../../fixtures/freePort.ts";

/** What an endpoint answers: of what origins it lets pages ask it, before and when they do, and which chain it is of. */
interface Script {
  preflight: string | undefined;
  answer: string | undefined;
  body: string;
}

describe("an endpoint for the page", () => {
  let server: Server;
  let url: string;
  let script: Script;

  before(async () => {
    server = createServer((request, response) => {
      const allowed = request.method === "OPTIONS" ? script.preflight : script.answer;
      request.resume();
      if (allowed !== undefined) response.setHeader("access-control-allow-origin", allowed);
      response.end(request.method === "OPTIONS" ? "" : script.body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/some-key-1234567890`;
  });
  beforeEach(() => {
    script = { preflight: "*", answer: "*", body: '{"jsonrpc":"2.0","id":1,"result":"0x7a69"}' };
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  /** What it is refused with; nothing of the URL that may be a key is ever in it. */
  const refusal = async (asked = url, chainId = 31_337): Promise<string> => {
    const text = await checkEndpoint(asked, chainId).then(() => "none", String);
    expect(text).to.not.include("some-key");
    return text;
  };

  it("is good where pages may ask it and it is of the right chain", async () => {
    await checkEndpoint(url, 31_337);
    script = { ...script, preflight: "http://localhost", answer: "http://localhost" };
    await checkEndpoint(url, 31_337);
  });

  it("is refused where a browser would keep its answers from pages", async () => {
    for (const [name, value] of [
      ["preflight", undefined],
      ["answer", undefined],
      ["answer", "https://other.example"],
    ] as const) {
      script = { preflight: "*", answer: "*", body: script.body, [name]: value };
      expect(await refusal(), name).to.include("lets no page of another origin ask it (CORS)");
    }
  });

  it("is refused where it is of another chain, or says of none", async () => {
    expect(await refusal(url, 1)).to.include("is of chain 31337, and the page's contracts are on chain 1");
    for (const body of ["", "null", "[]", '{"result":7}', '{"result":"0x"}', '{"error":{"code":-1}}', "<html>"]) {
      script.body = body;
      expect(await refusal(), body).to.include("does not say which chain it is of");
    }
  });

  it("is heard no further than the number that it is to say", async () => {
    script.body = script.body.padEnd(65_536);
    expect(await refusal()).to.equal("none");
    script.body += " ";
    expect(await refusal()).to.include("does not say which chain it is of");
  });

  it("is refused where nobody answers", async () => {
    const nobody = `http://127.0.0.1:${String(await freePort())}`;
    expect(await refusal(nobody)).to.include(`The endpoint ${nobody} cannot be reached`);
  });

  it("is refused where the page's policy does not let it connect", async () => {
    expect(await refusal("http://rpc.example/some-key")).to.include("The page may not connect to http://rpc.example");
  });
});

describe("URLs of endpoints", () => {
  it("are for browsers by https, and by http on the reader's own machine", () => {
    for (const url of ["https://rpc.example/x", "http://localhost:8545", "http://127.0.0.1:8545/"]) {
      expect(isForBrowsers(url), url).to.equal(true);
    }
    // What a policy cannot name: other addresses of the machine; and what browsers take for no endpoint over HTTP.
    for (const url of ["http://rpc.example", "http://127.0.0.2:8545", "http://[::1]:8545", "wss://rpc.example"]) {
      expect(isForBrowsers(url), url).to.equal(false);
    }
  });

  it("are of this machine alone by these names", () => {
    for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]) {
      expect(isLoopback(host), host).to.equal(true);
    }
    for (const host of ["0.0.0.0", "::", "127.example", "127.0.0.1.example", "localhost.example", "192.168.1.2"]) {
      expect(isLoopback(host), host).to.equal(false);
    }
    expect(isLocalUrl("http://[::1]:8545/x")).to.equal(true);
    expect(isLocalUrl("https://rpc.example")).to.equal(false);
  });

  it("are taken for somebody's own where a key may be in them", () => {
    const hex = "0123456789abcdef0123456789abcdef";
    for (const [url, what] of [
      ["https://user@rpc.example", "a user's name or password"],
      ["https://:word@rpc.example", "a user's name or password"],
      ["https://rpc.example/?apikey=1", "a query, which may be a key"],
      [`https://mainnet.rpc.example/v3/${hex}`, "a path that looks like a key"],
      ["https://rpc.example/v2/abcdEFGHijklMNOPqrstUVWXyzab", "a path that looks like a key"],
      [`https://rpc.example/${hex}/ext/bc`, "a path that looks like a key"],
      [`https://${hex}.rpc.example/`, "a host that looks like a key"],
    ] as const) {
      expect(secretIn(url), url).to.equal(what);
    }
    for (const url of [
      "http://127.0.0.1:8545",
      "https://rpc.example/v1",
      "https://ethereum-sepolia-rpc.example",
      "https://rpc.example/ext/bc/C/rpc",
      "https://rpc.example/ethereum-mainnet-archive",
    ]) {
      expect(secretIn(url), url).to.equal(undefined);
    }
  });
});
