import { expect } from "chai";
import { writeFileSync } from "node:fs";

import { permitDomainOf } from "../../../src/eip712/index.ts";
import { readToken } from "../../../src/token.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { big, does, openHardhatCli, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const SUPPLY = 10n ** 12n;

describe("tokens as they are", () => {
  let hardhat: HardhatCli;
  let holder: string;

  before(async () => {
    hardhat = await openHardhatCli();
    holder = (await hardhat.connection.ethers.getSigners())[0]!.address;
  });
  after(async () => hardhat.close());

  const deployed = async (name: string, ...args: unknown[]) => hardhat.connection.ethers.deployContract(name, args);

  it("take permits of ERC-2612 where they have such, not where they have a domain alone", async () => {
    const { provider } = hardhat.connection.ethers;
    const domainOf = async (name: string): Promise<unknown> => {
      const token = await deployed(name, holder, SUPPLY);
      return permitDomainOf(await token.getAddress(), 31_337n, provider);
    };
    expect(await domainOf("PlatformToken")).to.include({ version: "1" });
    expect(await domainOf("AllowedPermitToken"), "Dai's permits").to.equal(undefined);
    expect(await domainOf("PlainToken")).to.equal(undefined);
    expect(await domainOf("LegacyToken")).to.equal(undefined);
  });

  it("are read with a symbol of 32 bytes, and with none", async () => {
    const { provider } = hardhat.connection.ethers;
    const legacy = await deployed("LegacyToken", holder, SUPPLY);
    expect(await readToken(await legacy.getAddress(), provider)).to.deep.equal({ symbol: "LEGACY", decimals: 6 });
    const registry = await (await deployed("UserRegistry")).getAddress();
    const failure = await readToken(registry, provider).catch((error: unknown) => String(error));
    expect(failure).to.include("does not say how many decimals");
  });

  describe("on a platform with one that answers nothing and wants an allowance taken back first", () => {
    let token: Awaited<ReturnType<typeof deployed>>;
    let vault: string;

    const titles = (document: Readonly<Record<string, unknown>>): string[] =>
      (document["transactions"] as { title: string }[]).map(({ title }) => title);

    before(async () => {
      token = await deployed("LegacyToken", holder, SUPPLY);
      const parameters = hardhat.file("parameters.json5");
      writeFileSync(parameters, toJson({ Protocol: { token: await token.getAddress() } }));
      await does(hardhat, "platform deploy", { parameters });
      const book = (await does(hardhat, "platform addresses"))["contracts"] as Record<string, string>;
      vault = book["stakeVault"] ?? "";
    });

    it("defaults are tokens, whatever decimals it has", async () => {
      expect(big((await does(hardhat, "platform status"))["nodeMinimumStake"])).to.equal(1_000_000_000n);
    });

    it("stake is deposited after one approval, or two, and a dry run says which", async () => {
      const first = await does(hardhat, "stake deposit", { amount: "2.5" });
      expect(titles(first)).to.deep.equal(["Approve the token", "Deposit stake"]);
      expect((await hardhat.run("stake show")).stdout).to.match(/^Free +2\.5 LEGACY$/m);

      await (await token.getFunction("approve").send(vault, 1n)).wait();
      const steps = ["Take back the allowance that is there", "Approve the token", "Deposit stake"];
      const planned = await does(hardhat, "stake deposit", { amount: "1", dryRun: true });
      expect(titles(planned)).to.deep.equal(steps);
      const second = await does(hardhat, "stake deposit", { amount: "1" });
      expect(titles(second)).to.deep.equal(steps);
      expect(big(second["freeStake"])).to.equal(3_500_000n);
    });
  });
});
