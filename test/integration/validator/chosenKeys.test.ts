import { expect } from "chai";
import { id, Wallet } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deployTestPlatform, type Actor, type DeployedPlatform } from "../../fixtures/deployedPlatform.ts";
import { directChain } from "../../fixtures/provider/directChain.ts";
import { domainOf, signSigningKey } from "../../../src/eip712/index.ts";
import { signatureBy } from "../../../src/eip712/signatureForm.ts";
import { viewDigest, viewDomain } from "../../../src/eip712/view.ts";
import { Journal } from "../../../src/journal/index.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { SigningGate } from "../../../src/validator/guard/gate.ts";
import { signingKeyIn } from "../../../src/validator/quorum.ts";
import { readStakes } from "../../../src/validator/seats.ts";

describe("Seats with keys of their choice", () => {
  let platform: DeployedPlatform;
  let folder: string;
  const key = Wallet.createRandom();
  before(async () => {
    platform = await deployTestPlatform({ validators: 3 });
    folder = mkdtempSync(join(tmpdir(), "keys-"));
    const [{ address }] = platform.validators as [Actor];
    const domain = domainOf("ValidatorSet", platform.chainId, platform.book.contracts.validatorSet);
    const consent = await signSigningKey(key, domain, address);
    await platform.protocol.validatorSet.connect(platform.validators[0]).setSigningKey(key, consent);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await platform.connection.close();
  });

  it("are known by their stakes as before, and by the key that the contract has of each", async () => {
    const stakes = await readStakes(directChain(platform.book, platform.connection.ethers.provider));
    expect([...stakes.keys()]).to.have.members(platform.validators.map(({ address }) => address));
    for (const { address } of platform.validators) {
      const { stake } = await platform.protocol.validatorSet.getValidator(address);
      expect(stakes.get(address)).to.equal(stake);
      const registered = await platform.protocol.validatorSet.signingKeyOf(address);
      expect(signingKeyIn(stakes, address)).to.equal(registered);
    }
    expect(signingKeyIn(stakes, platform.validators[0]!.address)).to.equal(key.address);
  });

  it("sign by it under their account's journal, so that no new key signs what contradicts an older one", async () => {
    const [actor] = platform.validators as [Actor];
    const journal = new Journal(join(folder, "signed"));
    const domains = { quotes: {}, tasks: {} };
    const domain = viewDomain(platform.chainId, platform.book.contracts.viewJudge);
    const before = new SigningGate({ journal, signer: actor, domains });
    const after = new SigningGate({ journal, signer: { address: actor.address, chosenKey: key }, domains });
    before.open();
    after.open();
    const block = { number: 7n, blockHash: id("block") as Hex };
    await before.view(domain, block);
    const signature = await after.view(domain, block);
    expect(signatureBy(key.address, viewDigest(domain, block), signature)).to.equal(signature);
    const refused = await after.view(domain, { ...block, blockHash: id("other") }).catch((error: unknown) => error);
    expect(refused).to.have.property("problem").that.includes("contradicts");
  });
});
