import { expect } from "chai";
import { Wallet } from "ethers";
import { readFileSync, writeFileSync } from "node:fs";

import { toJson } from "../../../tasks/support/outcome.ts";
import { ACCOUNTS, openPlatformCli, type CliNode, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const { validators: VALIDATORS, provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;

describe("what tasks print and refuse", () => {
  let cli: PlatformCli;
  let node: CliNode;
  let offer: string;

  before(async () => {
    cli = await openPlatformCli();
    node = await cli.attested("one");
    offer = cli.file("offer.json");
    await cli.run("stake allow", { module: "orders", cap: "400", account: PROVIDER });
    await cli.run("offer sign", { node: node.node, price: "3.6", lock: "100", account: PROVIDER, out: offer });
    await cli.run("order open", { deposit: "6", offer, account: USER });
  });
  after(async () => cli.hardhat.close());

  describe("output", () => {
    it("is exactly one JSON document with --json, of success and of failure", async () => {
      for (const [words, args] of [
        ["platform status", {}],
        ["stake deposit", { amount: "1", account: USER }],
        ["order show", { order: "99" }],
        ["stake deposit", { amount: "none" }],
      ] as const) {
        const { stdout } = await cli.hardhat.run(words, { ...args, json: true });
        expect(() => JSON.parse(stdout) as unknown, `${words}: ${stdout}`).not.to.throw();
      }
    });

    it("ends with what to do next, for people", async () => {
      for (const words of ["platform status", "node list", "order list", "stake show", "rewards show"]) {
        expect((await cli.hardhat.run(words)).stdout.trimEnd().split("\n").at(-1)).to.match(/^Next: /);
      }
    });

    it("names a contract's refusal, its cause and its remedy, with exit code 3", async () => {
      const { exitCode, stdout, stderr } = await cli.hardhat.run("order show", { order: "99" });
      expect([exitCode, stdout]).to.deep.equal([3, ""]);
      expect(stderr).to.equal(
        "Refused: OrderEscrowUnknownOrder (orderId 99)\nCause: There is no order 99.\nRemedy: Look up the id with `npx hardhat order list --network story`.\n",
      );
    });

    it("predicts in a dry run what would be refused", async () => {
      const { exitCode, document } = await cli.hardhat.run("validator join", {
        amount: "1000",
        account: STRANGER,
        dryRun: true,
        json: true,
      });
      expect(exitCode).to.equal(3);
      const { name, cause, remedy } = document["error"] as Record<"name" | "cause" | "remedy", string>;
      expect(name).to.equal("StakeVaultCapExceeded");
      expect(cause).to.include('allows the module "validators" (0x');
      expect(remedy).to.include(
        `can allow more with \`npx hardhat stake allow validators CAP --network story --account ${STRANGER}\``,
      );
    });
  });

  describe("bad input", () => {
    const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
      ["stake deposit", { amount: "1,5" }, '"1,5" is not an amount'],
      ["stake deposit", { amount: "-1" }, '"-1" is not an amount'],
      ["stake deposit", { amount: "1", account: "77" }, 'has no account "77"'],
      ["stake allow", { module: "0x12", cap: "1" }, '"0x12" is not an address'],
      ["stake withdraw", { amount: "1", to: "0x52908400098527886E0F7030069857D2E4169Ee7" }, "is not an address"],
      ["node show", { node: "0" }, '"0" is not a valid node id'],
      ["node show", { node: "1e3" }, '"1e3" is not a valid node id'],
      ["node register", { model: "1" }, "--price is missing"],
      ["node register", { model: "1", price: "1", url: "node.example" }, '"node.example" is not an absolute URL'],
      ["node register", { quote: "/nowhere.json" }, "cannot be read"],
      ["validator challenge", { wait: "soon" }, '"soon" is not a duration'],
      ["order request", { node: "1", deposit: "1", price: "free" }, '"free" is not a price'],
      ["order settle", { orders: "1,x" }, '"x" is not a valid order id'],
      ["proof submit", { answer: ["/nowhere.json"] }, "cannot be read"],
      ["platform deploy", { parameters: "/nowhere.json5" }, "cannot be read"],
      ["stake deposit", { amount: "1", confirmations: 0 }, "Cannot wait for 0 confirmations"],
    ];
    for (const [words, args, message] of cases) {
      it(`refuses ${words} ${toJson(args).replace(/\s+/g, " ")}`, async () => {
        const { exitCode, stderr, stdout } = await cli.hardhat.run(words, args);
        expect([exitCode, stdout]).to.deep.equal([1, ""]);
        expect(stderr)
          .to.include(message)
          .and.to.not.match(/\n\s+at /);
      });
    }

    it("refuses documents that are garbled, of another kind, or of another place", async () => {
      const good = JSON.parse(readFileSync(offer, "utf8")) as { offer: object };
      const elsewhere = Wallet.createRandom().address;
      const documents: readonly (readonly [string, string])[] = [
        ["{", "is not JSON"],
        ["[]", "is invalid"],
        [JSON.stringify({ ...good, kind: "sgx-quote" }), 'invalid at "kind"'],
        [JSON.stringify({ ...good, signature: "0x1" }), 'invalid at "signature"'],
        [JSON.stringify({ ...good, extra: 1 }), "is invalid"],
        [
          JSON.stringify({ ...good, offer: { ...good.offer, ratePerSecond: "-5" } }),
          'invalid at "offer.ratePerSecond"',
        ],
        [JSON.stringify({ ...good, chainId: 1 }), "not for this deployment"],
        [JSON.stringify({ ...good, escrow: elsewhere }), "not for this deployment"],
      ];
      for (const [text, message] of documents) {
        writeFileSync(cli.file("bad.json"), text);
        const { exitCode, stderr } = await cli.hardhat.run("order open", {
          deposit: "6",
          offer: cli.file("bad.json"),
          account: USER,
        });
        expect(exitCode).to.equal(1);
        expect(stderr).to.include(message);
      }
    });

    it("refuses a quote whose nonce was used", async () => {
      const { exitCode, stderr } = await cli.hardhat.run("validator attest", {
        quote: node.quote,
        account: VALIDATORS[0],
      });
      expect(exitCode).to.equal(1);
      expect(stderr).to.include("used before");
    });
  });
});
