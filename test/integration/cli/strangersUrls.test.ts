import { expect } from "chai";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const { provider: PROVIDER, user: USER } = ACCOUNTS;

describe("commands that ask a gateway where the chain says", () => {
  let cli: PlatformCli;
  let node: string;
  let server: Server;
  let port: string;
  let requests = 0;

  before(async () => {
    server = createServer((_request, response) => {
      requests += 1;
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = String((server.address() as AddressInfo).port);
    cli = await openPlatformCli();
    ({ node } = await cli.attested("one"));
    await cli.run("stake allow", { module: "orders", cap: "max", account: PROVIDER });
    const offer = cli.file("offer.json");
    await cli.run("offer sign", { node, price: "3.6", lock: "100", account: PROVIDER, out: offer });
    await cli.run("order open", { deposit: "6", offer, account: USER });
  });
  after(async () => {
    await cli.hardhat.close();
    server.close();
  });

  const goTo = async (url: string): Promise<unknown> => cli.run("node set", { node, url, account: PROVIDER });
  const asking = (): [string, Record<string, unknown>][] => [
    ["order open", { deposit: "6", node, account: USER }],
    ["app status", { order: "1", account: USER }],
    ["app logs", { order: "1", account: USER }],
    ["node fresh-quote", { node }],
  ];
  const reason = async (): Promise<unknown> => {
    const { nodes } = (await cli.run("market list", {})) as unknown as { nodes: { offer: { reason?: string } }[] };
    return nodes[0]?.offer.reason;
  };

  for (const [what, host, problem, reported] of [
    ["over plain http", "http://localhost", "which is not https", "no public URL"],
    ["within the machine", "https://localhost", "is not on the public internet", "not-public"],
    ["within the network", "https://10.0.0.1", "is not on the public internet", "not-public"],
  ] as const) {
    it(`never go ${what}`, async () => {
      await goTo(`${host}:${port}`);
      requests = 0;
      for (const [words, args] of asking()) await cli.refuses(words, args, problem);
      expect(await reason()).to.equal(reported);
      expect(requests).to.equal(0);
    });
  }

  it("reach a devnet's gateway on this machine without being told", async () => {
    await goTo(`http://127.0.0.1:${port}`);
    for (const [words, args] of asking()) {
      requests = 0;
      await cli.refuses(words, args, "not as a gateway of this platform does");
      expect(requests, words).to.be.greaterThan(0);
    }
    expect(await reason()).to.equal("not-a-gateway");
  });
});
