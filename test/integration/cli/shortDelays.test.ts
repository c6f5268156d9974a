import { expect } from "chai";

import { shorten, SHORT_DELAY } from "../../../tasks/devnet/shortDelays.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const { provider: PROVIDER, validators } = ACCOUNTS;
const [VALIDATOR] = validators;

describe("short delays of a devnet", () => {
  let cli: PlatformCli;

  before(async () => {
    cli = await openPlatformCli();
    await shorten(cli.hardhat.connection, cli.book);
  });
  after(async () => cli.hardhat.close());

  /** Moves to the second before something is due, and to that when it is. */
  const justBefore = async (since: bigint): Promise<void> => cli.hardhat.moveTo(since + SHORT_DELAY - 5n);
  const justAfter = async (since: bigint): Promise<void> => cli.hardhat.moveTo(since + SHORT_DELAY);

  it("let a validator's stake go three minutes after it left, down to the token", async () => {
    await cli.run("validator leave", { account: VALIDATOR });
    const left = await cli.now();
    await justBefore(left);
    await cli.refuses("validator leave", { account: VALIDATOR }, "ValidatorSet");
    await justAfter(left);
    expect(await cli.run("validator leave", { account: VALIDATOR })).to.include({ released: true });
    const before = await cli.protocol.token.balanceOf(cli.addressOf(VALIDATOR));
    await cli.run("stake withdraw", { amount: "all", account: VALIDATOR });
    const after = await cli.protocol.token.balanceOf(cli.addressOf(VALIDATOR));
    expect(after - before).to.equal(1000n * 10n ** 18n);
  });

  it("let a node's stake go three minutes after its end", async () => {
    const { node } = await cli.attested("short");
    const locked = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(PROVIDER));
    const { end } = await cli.run("node exit", { node, account: PROVIDER });
    const ended = end as bigint;
    await justBefore(ended);
    await cli.refuses("node exit", { node, account: PROVIDER }, "NodeRegistry");
    await justAfter(ended);
    expect(await cli.run("node exit", { node, account: PROVIDER })).to.include({ released: true });
    const free = await cli.protocol.stakeVault.freeStakeOf(cli.addressOf(PROVIDER));
    expect(free - locked).to.equal(10n * 10n ** 18n);
  });
});
