import { expect } from "chai";
import { Wallet } from "ethers";

import { signReceipt } from "../../../src/gateway/deployments/receipts.ts";
import { receiptFor } from "../../../tasks/app/receipt.ts";

describe("a provider's receipt for what was asked for", () => {
  const signer = new Wallet(`0x${"11".repeat(32)}`);
  const hash = (digits: string): `0x${string}` => `0x${digits.repeat(32)}`;
  const place = { chainId: 31_337, orderEscrow: `0x${"e5".repeat(20)}`, node: 3, gateway: "https://node.example" };
  const content = {
    ...{ order: 7, terms: hash("71"), url: "https://host.example/app.yaml", sha256: "ab".repeat(32) },
    ...{ images: [], endpoints: [], deployedAt: 1_800_000_000, request: hash("cd") },
  };
  const session = { ...place, provider: signer.address, node: 3n, origin: place.gateway, order: 7, terms: hash("71") };
  const wanted = { url: content.url, sha256: hash("ab") };

  it("is taken where it says just that", async () => {
    const receipt = await signReceipt(signer, place, content);
    expect(receiptFor(receipt, session, wanted)).to.deep.equal(receipt);
  });

  it("is refused where it says so, and the provider has not signed it", async () => {
    const receipt = await signReceipt(signer, place, content);
    const { signature } = await signReceipt(new Wallet(`0x${"12".repeat(32)}`), place, content);
    for (const forged of [
      { ...receipt, signature },
      { ...receipt, images: ["registry.example/other"] },
    ]) {
      expect(() => receiptFor(forged, session, wanted)).to.throw("but what it says was signed by");
    }
  });

  it("is refused where it is true, but for anything else", async () => {
    const others = {
      chainId: await signReceipt(signer, { ...place, chainId: 99 }, content),
      orderEscrow: await signReceipt(signer, { ...place, orderEscrow: `0x${"e6".repeat(20)}` }, content),
      node: await signReceipt(signer, { ...place, node: 4 }, content),
      gateway: await signReceipt(signer, { ...place, gateway: "https://other.example" }, content),
      order: await signReceipt(signer, place, { ...content, order: 8 }),
      terms: await signReceipt(signer, place, { ...content, terms: hash("72") }),
      url: await signReceipt(signer, place, { ...content, url: "https://host.example/other.yaml" }),
      sha256: await signReceipt(signer, place, { ...content, sha256: "ba".repeat(32) }),
      provider: await signReceipt(new Wallet(`0x${"12".repeat(32)}`), place, content),
    };
    for (const [field, receipt] of Object.entries(others)) {
      expect(() => receiptFor(receipt, session, wanted), field).to.throw(`It says ${field} `);
    }
  });
});
