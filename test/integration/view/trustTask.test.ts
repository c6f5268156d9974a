import { expect } from "chai";
import { readFileSync } from "node:fs";

import { ACCOUNTS, openPlatformCli } from "../../fixtures/cli/platformCli.ts";
import { parseForm } from "../../../src/documents/parse.ts";
import { trustForm } from "../../../src/view/forms.ts";
import { firstViewHash, validatorsHash } from "../../../src/view/validatorSet.ts";

describe("node trust", () => {
  let cli: Awaited<ReturnType<typeof openPlatformCli>>;
  before(async () => {
    cli = await openPlatformCli();
  });
  after(async () => {
    await cli.hardhat.close();
  });

  it("writes who is validator, as the network proves it, and the hash by which others compare it", async () => {
    const out = cli.hardhat.file("chain.trust.json");
    const said = await cli.run("node trust", { depth: "0", out });
    const trust = parseForm(readFileSync(out, "utf8"), trustForm, "the trust", "a trust");
    const accounts = ACCOUNTS.validators.map((account) => cli.addressOf(account));
    expect(trust.validators.map(({ account }) => account)).to.have.members(accounts);
    for (const { account, key, stake } of trust.validators) {
      expect({ key, stake }).to.deep.equal({ key: account, stake: 1_000n * 10n ** 18n });
    }
    const { viewJudge, taskEscrow, validatorSet, nodeRegistry } = cli.book.contracts;
    expect(trust.contracts).to.deep.equal({ viewJudge, taskEscrow, validatorSet, nodeRegistry });
    expect(said["firstView"]).to.equal(firstViewHash(trust, validatorsHash(trust.validators)));
    await cli.refuses("node trust", { depth: "0", out }, "already exists");
    await cli.refuses("node trust", { depth: "few", out: cli.hardhat.file("other.json") }, "few");
  });
});
