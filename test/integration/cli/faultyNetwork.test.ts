import { expect } from "chai";

import {
  answersStatus,
  disconnects,
  fails,
  openFaultyRpc,
  type Fault,
  type FaultyRpc,
} from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import type { HardhatCli } from "../../fixtures/hardhatCli.ts";

describe("tasks on a network with faults", function () {
  this.timeout(120_000);
  let cli: PlatformCli;
  let proxy: FaultyRpc;
  let through: HardhatCli;

  before(async () => {
    cli = await openPlatformCli();
    proxy = await openFaultyRpc(cli.hardhat.url);
    through = await cli.hardhat.through(proxy.url);
  });
  afterEach(() => {
    proxy.clear();
  });
  after(async () => {
    await through.close();
    await proxy.close();
    await cli.hardhat.close();
  });

  const faults: readonly (readonly [what: string, fault: Fault, name: string])[] = [
    ["429", answersStatus(429, { "retry-after": "60" }), "RateLimited"],
    ["502", answersStatus(502), "Unavailable"],
    ["503", answersStatus(503), "Unavailable"],
    ["-32005", fails(-32005, "daily request count exceeded"), "RateLimited"],
    ["a lost connection", disconnects, "ConnectionLost"],
  ];
  for (const [what, fault, name] of faults) {
    it(`end with exit code 4, one sentence and one document on ${what}`, async () => {
      // The first request, which nobody repeats.
      proxy.on("eth_chainId", fault);
      const told = await through.run("platform status");
      expect([told.exitCode, told.stdout], told.stderr).to.deep.equal([4, ""]);
      expect(told.stderr).to.match(/^Error: The [^\n]*"story"[^\n]*\n$/);
      const { exitCode, stdout } = await through.run("platform status", { json: true });
      expect(exitCode).to.equal(4);
      expect((JSON.parse(stdout) as { error: object }).error).to.include({ name });
    });
  }

  it("show nothing of strangers that a terminal obeys, and give documents exactly", async () => {
    const hostile =
      "https://data.example/\u001b[2J\u001b]8;;https://evil.example\u0007\u009b1A\u202Egnp.\u200Bexe\u2066x";
    const { user: account } = ACCOUNTS;
    const hash = `0x${"ab".repeat(32)}`;
    const { datasetId } = await cli.run("dataset register", { hash, price: "1", uri: hostile, account });
    const dataset = String(datasetId);
    for (const [words, args] of [
      ["dataset list", {}],
      ["dataset show", { dataset }],
    ] as const) {
      const { stdout } = await cli.hardhat.run(words, args);
      expect(stdout, words).to.match(/^[\n -~]*$/);
      expect(stdout).to.include("\\u{1b}");
      const { stdout: json } = await cli.hardhat.run(words, { ...args, json: true });
      expect(json, words).to.match(/^[\n -~]*$/);
      expect(JSON.stringify(JSON.parse(json))).to.include(JSON.stringify(hostile).slice(1, -1));
    }
  });

  it("show nothing in an error that a terminal obeys", async () => {
    proxy.on("eth_call", fails(-32000, "no\u001b[2Jsuch\u202Ething\nError: forged"));
    const { stderr } = await through.run("platform status");
    expect(stderr).to.match(/^[ -~]*\n$/);
    expect(stderr).to.include("no\\u{1b}[2Jsuch\\u{202e}thing Error: forged");
  });
});
