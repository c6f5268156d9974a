import { expect } from "chai";
import { createServer } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";

import { endpointsOf } from "../../../tasks/market/endpoints.ts";
import { serveMarket } from "../../../tasks/devnet/market.ts";
import type { Context } from "../../../tasks/support/context.ts";
import type { AddressBook } from "../../../src/deployments.ts";
import { fileOf, readPage } from "../../../src/page/files.ts";
import { openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { freePort } from "../../fixtures/freePort.ts";
import { until } from "../../fixtures/gateway/condition.ts";

/** A network of a configuration, as far as its endpoint goes. */
interface Network {
  readonly url: string;
  /** Whether the configuration has its URL as a variable. */
  readonly isVariable?: boolean;
  readonly httpHeaders?: Readonly<Record<string, string>>;
}

function contextOf({ url, isVariable = false, httpHeaders = {} }: Network): Context {
  const own = { type: "http", url: isVariable ? { _type: "ConfigurationVariable", name: "URL" } : url };
  const resolved = { type: "http", url: { getUrl: async () => Promise.resolve(url) }, httpHeaders };
  const hre = { userConfig: { networks: { sepolia: own } }, config: { networks: { sepolia: resolved } } };
  return { hre, network: "sepolia" } as unknown as Context;
}

const LOCAL = "127.0.0.1";

describe("the task that serves the market", () => {
  let cli: PlatformCli;

  before(async () => {
    cli = await openPlatformCli();
  });
  after(async () => cli.hardhat.close());

  it("serves the page for its network until it is stopped, and prints one document with its address", async () => {
    const port = await freePort();
    const url = `http://${LOCAL}:${String(port)}/`;
    const measurements = cli.hardhat.file("names.json");
    writeFileSync(measurements, JSON.stringify({ [`0x${"AB".repeat(32)}`]: "Sample enclave 1.0" }));
    const running = cli.hardhat.run("market", { port: String(port), measurements, json: true });
    const config = async (): Promise<Response | undefined> => fetch(`${url}config.json`).catch(() => undefined);
    await until("the market is served", async () => (await config())?.ok === true);
    const { networks } = (await (await config())?.json()) as { networks: Record<string, unknown>[] };
    expect(networks).to.deep.equal([
      {
        ...{ name: "story", chainId: "31337", rpcUrls: [cli.hardhat.url] },
        ...{ fromBlock: cli.book.fromBlock, contracts: { ...cli.book.contracts } },
        measurements: { [`0x${"ab".repeat(32)}`]: "Sample enclave 1.0" },
      },
    ]);
    const page = await fetch(url);
    expect(await page.text()).to.equal(readPage().get("index.html")?.body.toString());
    const taken = await cli.hardhat.run("market", { port: String(port), json: true });
    expect(taken.document).to.have.nested.property("error.cause", `The port ${String(port)} is in use.`);
    process.emit("SIGTERM");
    const { stdout, exitCode } = await running;
    expect(exitCode).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({ url, network: "story", chainId: 31_337, rpcUrls: [cli.hardhat.url] });
    expect(await config()).to.equal(undefined);
  });

  it("says for people that all who open it see its endpoints", async () => {
    const port = await freePort();
    const running = cli.hardhat.run("market", { port: String(port), pageRpc: cli.hardhat.url });
    const url = `http://${LOCAL}:${String(port)}/`;
    await until("the market is served", async () => (await fetch(url).catch(() => undefined))?.ok === true);
    process.emit("SIGTERM");
    const { stdout } = await running;
    expect(stdout).to.match(new RegExp(`^Market +${url}$`, "m"));
    expect(stdout).to.match(/^Endpoints +http:\/\/127.0.0.1:\d+: whoever opens the page sees and asks them$/m);
    expect(stdout).to.include("Stop with Ctrl-C");
  });

  it("is refused an endpoint that the page cannot work with, before it serves anything", async () => {
    const other = createServer((socket) => {
      socket.end();
    }).listen(0, LOCAL);
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await cli.refuses("market", { port: "0", pageRpc: `http://${LOCAL}:${String(port)}` }, "cannot be reached");
    other.close();
    await cli.refuses("market", { port: "0", pageRpc: "http://rpc.example" }, "its policy allows https alone");
    await cli.refuses(
      "market",
      { port: "0", pageRpc: "rpc.example" },
      '"rpc.example" is no RPC endpoint',
      "--page-rpc",
    );
    await cli.refuses("market", { port: "70000" }, "port");
    const measurements = cli.hardhat.file("wrong.json");
    writeFileSync(measurements, JSON.stringify({ "0x12": "Sample enclave" }));
    await cli.refuses("market", { port: "0", measurements }, "not 32 bytes in hexadecimal");
  });

  describe("gives the page", () => {
    const asked = async (network: Network, args: { pageRpc?: string; host?: string } = {}): Promise<string[]> =>
      endpointsOf({ pageRpc: undefined, host: LOCAL, ...args }, contextOf(network));
    const refusal = async (...parameters: Parameters<typeof asked>): Promise<string> =>
      asked(...parameters).then(() => "none", String);

    it("the endpoint of its network, where nothing says that it is somebody's own", async () => {
      expect(await asked({ url: "https://rpc.example/v1" })).to.deep.equal(["https://rpc.example/v1"]);
    });

    it("none that may be its owner's alone, and asks for another one", async () => {
      const networks: readonly (readonly [Network, string])[] = [
        [{ url: "https://rpc.example", isVariable: true }, "is a configuration variable"],
        [{ url: "https://rpc.example", httpHeaders: { authorization: "Bearer SECRET" } }, "headers of its own"],
        [{ url: "https://user:SECRET@rpc.example" }, "a user's name or password"],
        [{ url: "https://rpc.example/?key=SECRET" }, "a query"],
        [{ url: "https://rpc.example/v3/SECRET0123456789abcdef" }, "a path that looks like a key"],
      ];
      for (const [network, why] of networks) {
        const text = await refusal(network);
        expect(text).to.include('The endpoint of the network "sepolia"').and.include(why).and.include("--page-rpc URL");
        expect(text).to.not.include("SECRET");
      }
    });

    it("what it is given, in that order, whatever its network has", async () => {
      const own = { url: "https://rpc.example", isVariable: true };
      const pageRpc = "https://one.example, https://two.example/v3/0123456789abcdef0123456789abcdef";
      expect(await asked(own, { pageRpc })).to.deep.equal(pageRpc.split(", "));
    });

    it("no endpoint of this machine, where others are to read it", async () => {
      for (const host of ["0.0.0.0", "::", "192.0.2.7"]) {
        expect(await refusal({ url: "http://127.0.0.1:8545" }, { host })).to.include("on themselves");
        expect(await asked({ url: "https://rpc.example" }, { host })).to.have.length(1);
      }
      expect(await asked({ url: "http://127.0.0.1:8545" }, { host: "::1" })).to.have.length(1);
    });

    it("nothing of a chain inside its own process, and says what to do", async () => {
      const hre = { config: { networks: { default: { type: "edr-simulated" } } }, userConfig: {} };
      const context = { hre, network: "default" } as unknown as Context;
      const text = await endpointsOf({ pageRpc: undefined, host: LOCAL }, context).then(() => "none", String);
      expect(text).to.include('"default" is not reached over HTTP').and.include("--network localhost");
    });
  });
});

describe("the market of a devnet", () => {
  const book = { network: "localhost", chainId: 31_337, fromBlock: 1, contracts: {} } as unknown as AddressBook;
  const network = { url: "http://127.0.0.1:8545" };
  const files = new Map([["index.html", fileOf("index.html", Buffer.from("Market"))]]);

  it("is at its port, or at another where somebody listens there", async () => {
    const port = await freePort();
    const first = await serveMarket(book, network, port, () => files);
    const second = await serveMarket(book, network, port, () => files);
    expect(first.url).to.equal(`http://127.0.0.1:${String(port)}/`);
    expect(second.url).to.be.a("string").and.not.equal(first.url);
    for (const market of [first, second]) {
      expect(await (await fetch(market.url ?? "")).text()).to.equal("Market");
      await market.close();
    }
  });

  it("is nowhere without the page, and says how it is built", async () => {
    const none = await serveMarket(book, network, 0, () => readPage("/nowhere"));
    expect([none.url, none.lacks]).to.deep.equal([undefined, "the page is not built: npm run build:page"]);
    await none.close();
  });
});
