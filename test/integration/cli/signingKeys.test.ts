import { expect } from "chai";
import { Wallet } from "ethers";
import { chmodSync, writeFileSync } from "node:fs";

import { ACCOUNTS, openPlatformCli } from "../../fixtures/cli/platformCli.ts";
import { domainOf, signSigningKey } from "../../../src/eip712/index.ts";

describe("validator set-key", () => {
  const [account] = ACCOUNTS.validators;
  let cli: Awaited<ReturnType<typeof openPlatformCli>>;
  before(async () => {
    cli = await openPlatformCli();
  });
  after(async () => {
    await cli.hardhat.close();
  });

  function keyFile(name: string, mode = 0o600): { readonly key: string; readonly address: string } {
    const { privateKey, address } = new Wallet(Wallet.createRandom().privateKey);
    const key = cli.hardhat.file(name);
    writeFileSync(key, privateKey, { mode });
    chmodSync(key, mode);
    return { key, address };
  }
  const registered = async (): Promise<string> => cli.protocol.validatorSet.signingKeyOf(cli.addressOf(account));

  it("has a key in a file sign for a validator, then one that has agreed elsewhere", async () => {
    const { key, address } = keyFile("signing.key");
    const said = await cli.run("validator set-key", { key, account });
    expect(said).to.include({ former: cli.addressOf(account), key: address });
    expect(await registered()).to.equal(address);
    const other = Wallet.createRandom();
    const domain = domainOf("ValidatorSet", 31_337n, cli.book.contracts.validatorSet);
    const consent = await signSigningKey(other, domain, cli.addressOf(account));
    const then = await cli.run("validator set-key", { key: other.address, consent, account });
    expect(then).to.include({ former: address, key: other.address });
    expect(await registered()).to.equal(other.address);
  });

  it("changes nothing in a dry run, without the key's own consent, for a key of before, or one that others can read", async () => {
    const before = await registered();
    const { key, address } = keyFile("next.key");
    await cli.run("validator set-key", { key, account, dryRun: true });
    const domain = domainOf("ValidatorSet", 31_337n, cli.book.contracts.validatorSet);
    const stranger = await signSigningKey(Wallet.createRandom(), domain, cli.addressOf(account));
    const refuses = async (args: object, words: string) =>
      cli.refuses("validator set-key", { account, ...args }, words);
    await refuses({ key: address, consent: stranger }, address);
    await refuses({ key: cli.hardhat.file("signing.key") }, "ValidatorSetKeyTaken");
    await refuses({ key: keyFile("open.key", 0o644).key }, "open.key");
    await refuses({ key: cli.hardhat.file("nothing.key") }, "nothing.key");
    expect(await registered()).to.equal(before);
  });
});
