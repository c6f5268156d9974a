import { expect } from "chai";

import { problemsOfSigning } from "../../../scripts/checks/signersOf.ts";

const problemsIn = (path: string, text: string): number => problemsOfSigning([{ path, text }]).length;

describe("the check that validators sign through their journal", () => {
  it("finds whatever could sign a verdict, a vouching or a view past it", () => {
    for (const text of [
      'import { signVerdict } from "../../src/eip712/index.ts";',
      "await signer.signTypedData(domain, verdictTypes, message)",
      "await signView(signer, domain, block)",
      'const types = { ChainView: [{ name: "number", type: "uint64" }] };',
      'const types = { Vouch: [{ name: "consumer", type: "address" }] };',
      'provider.send("eth_signTypedData_v4", [])',
    ]) {
      expect(problemsIn("tasks/task/verdict.ts", text), text).to.be.greaterThan(0);
    }
  });

  it("leaves alone the journal, what defines the types, and what signs others", () => {
    expect(problemsIn("src/journal/sign.ts", "return signVouch(validator, domain, vouch);")).to.equal(0);
    expect(problemsIn("src/eip712/view.ts", "validator.signTypedData(domain, viewTypes, message)")).to.equal(0);
    expect(problemsIn("src/eip712/vouch.ts", "validator.signTypedData(domain, vouchTypes, message)")).to.equal(0);
    expect(problemsIn("src/eip712/offer.ts", "provider.signTypedData(domain, offerTypes, offer)")).to.equal(0);
    expect(problemsIn("tasks/task/verdict.ts", "await signVerdictOnce(journal, signer, domain, message)")).to.equal(0);
  });
});
