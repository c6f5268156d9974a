import { expect } from "chai";
import { toQuantity } from "ethers";

import {
  answersStatus,
  changes,
  disconnects,
  fails,
  openFaultyRpc,
  RpcError,
  type Fault,
  type FaultyRpc,
  type RpcCall,
} from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import type { HardhatCli } from "../../fixtures/hardhatCli.ts";

describe("tasks on a network with faults", () => {
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

  describe("say of a transaction that was not taken what the chain knows of its account", () => {
    const { stranger: account } = ACCOUNTS;
    const words = "stake allow";
    const args = { module: "nodes", cap: "1", account, json: true };

    async function refusal(timeout = "1m"): Promise<{ exitCode: number; error: Record<"name" | "cause", string> }> {
      const { exitCode, stdout } = await through.run(words, { ...args, timeout });
      return { exitCode, ...(JSON.parse(stdout) as { error: Record<"name" | "cause", string> }) };
    }

    it("it has too little of the chain's coin by then", async () => {
      const setBalance = async (balance: string): Promise<unknown> => {
        const params = [cli.addressOf(account), balance];
        return cli.hardhat.connection.provider.request({ method: "hardhat_setBalance", params });
      };
      proxy.on("eth_sendTransaction", async (_call, forward) => {
        await setBalance("0x64");
        return forward();
      });
      const { exitCode, error } = await refusal();
      await setBalance("0x8ac7230489e80000");
      expect([exitCode, error.name], error.cause).to.deep.equal([1, "InsufficientCoin"]);
      expect(error.cause).to.match(
        / has 0\.0000000000000001 of the chain's coin, and the transaction may cost 0\.\d+\.$/,
      );
    });

    it("its number was used meanwhile", async () => {
      const { provider } = cli.hardhat.connection;
      const address = cli.addressOf(account);
      proxy.on("eth_sendTransaction", async (_call, forward) => {
        await provider.request({ method: "eth_sendTransaction", params: [{ from: address, to: address }] });
        return forward();
      });
      const { exitCode, error } = await refusal();
      expect([exitCode, error.name], error.cause).to.deep.equal([4, "NonceUsed"]);
      expect(error.cause).to.include(`another transaction of ${address} took the nonce `);
    });

    it("one with its number waits, and the network does not show whether it is this one", async () => {
      const isPending = ({ method, params }: RpcCall): boolean =>
        method === "eth_getTransactionCount" && params[1] === "pending";
      proxy.on("eth_sendTransaction", () => {
        proxy.on(
          isPending,
          changes((count) => toQuantity(Number(count) + 1)),
        );
        throw new RpcError(-32000, "replacement transaction underpriced");
      });
      const { exitCode, error } = await refusal("1s");
      expect([exitCode, error.name], error.cause).to.deep.equal([5, "NotYetMined"]);
      expect(error.cause).to.include("may have been sent");
    });

    it("nothing else: then the node's own words stand", async () => {
      proxy.on("eth_sendTransaction", fails(-32000, "sequencer is down"));
      const { exitCode, error } = await refusal();
      expect([exitCode, error.name], error.cause).to.deep.equal([4, "NodeRefused"]);
      expect(error.cause).to.include("sequencer is down");
    });
  });

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
