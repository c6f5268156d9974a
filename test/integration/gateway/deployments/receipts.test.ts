import { expect } from "chai";
import { id, Wallet } from "ethers";

import { deployDigest, deployMessage, signReceipt, verifyReceipt } from "../../../../src/gateway/deployments/receipts.ts";
import { deployTypes, gatewayDomain } from "../../../../src/eip712/gateway.ts";
import { InputError } from "../../../../src/inputError.ts";

const PLACE = {
  chainId: 31_337,
  orderEscrow: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  node: 1,
  gateway: "https://node.example",
};
const CONTENT = {
  order: 7,
  terms: id("terms"),
  url: "https://host.example/a.yaml",
  sha256: "ab".repeat(32),
  images: [`web@sha256:${"1".repeat(64)}`],
  endpoints: ["https://node.example/v1/orders/7/app/web/"],
  deployedAt: 1_700_000_000,
  request: id("request"),
};

describe("receipts", () => {
  const provider = Wallet.createRandom();

  it("hold as long as nothing of them is changed", async () => {
    const receipt = await signReceipt(provider, PLACE, CONTENT);
    const kept: unknown = JSON.parse(JSON.stringify(receipt));
    expect(verifyReceipt(kept)).to.deep.equal(receipt);
    expect(receipt.provider).to.equal(provider.address);
  });

  it("do not hold when any of their fields is another", async () => {
    const receipt = await signReceipt(provider, PLACE, CONTENT);
    const others: Partial<Record<keyof typeof receipt, unknown>> = {
      chainId: 1,
      orderEscrow: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
      provider: Wallet.createRandom().address,
      node: 2,
      gateway: "https://other.example",
      order: 8,
      terms: id("others"),
      url: "https://host.example/b.yaml",
      sha256: id("other"),
      images: [],
      endpoints: ["https://evil.example/"],
      deployedAt: 1_700_000_001,
      request: id("another"),
    };
    for (const [field, value] of Object.entries(others)) {
      expect(() => verifyReceipt({ ...receipt, [field]: value }), field).to.throw(InputError);
    }
    const signed = Object.keys(receipt).filter((field) => field !== "kind" && field !== "signature");
    expect(Object.keys(others).sort(), "every field is tried").to.deep.equal(signed.sort());
  });

  it("do not hold with another signature, and say so of what is no receipt", async () => {
    const receipt = await signReceipt(provider, PLACE, CONTENT);
    for (const signature of ["0x", `0x${"00".repeat(65)}`, receipt.signature.slice(0, -2)]) {
      expect(() => verifyReceipt({ ...receipt, signature })).to.throw(InputError);
    }
    for (const nothing of [undefined, null, 7, "receipt", {}, { ...receipt, kind: "offer" }, { ...receipt, more: 1 }]) {
      expect(() => verifyReceipt(nothing)).to.throw(InputError).with.property("problem").that.contains("not a receipt");
    }
  });

  it("name the request by the hash that its user has signed", async () => {
    const user = Wallet.createRandom();
    const { order, terms, url, sha256 } = CONTENT;
    const request = { account: user.address, order, terms, url, sha256, nonce: id("nonce"), until: 1_700_000_060 };
    const domain = gatewayDomain(BigInt(PLACE.chainId), PLACE.orderEscrow);
    const signature = await user.signTypedData(domain, deployTypes, deployMessage(PLACE, request));
    const { recoverAddress } = await import("ethers");
    expect(recoverAddress(deployDigest(PLACE, request), signature)).to.equal(user.address);
    const elsewhere = [
      { ...PLACE, node: 2 },
      { ...PLACE, gateway: "https://other.example" },
      { ...PLACE, chainId: 1 },
    ];
    for (const place of elsewhere) expect(recoverAddress(deployDigest(place, request), signature)).not.to.equal(user.address);
  });
});
