import { expect } from "chai";

import { wantedNames, type DeployedOrder, type WantedOptions } from "../../../../src/gateway/certificates/wanted.ts";

const seven: DeployedOrder = { order: 7, terms: "0x07", isRunning: true, services: ["web", "api"] };

function wanted(changes: Partial<WantedOptions> = {}) {
  return wantedNames({
    ...{ origin: "https://node.example", applicationsHost: "Apps.example", namesPerOrder: 10 },
    ...{ deployed: () => [seven], domains: () => ["shop.example"], isCovered: () => false },
    ...changes,
  });
}
const names = (changes: Partial<WantedOptions> = {}): string[] => wanted(changes).map(({ name }) => name);

describe("The names that are to have a certificate", () => {
  it("are the gateway's host, users' domains and the hosts of services", () => {
    expect(names()).to.deep.equal([
      ...["node.example", "shop.example"],
      ...["order-7-web.apps.example", "order-7-api.apps.example"],
    ]);
    expect(names({ applicationsHost: undefined })).to.deep.equal(["node.example", "shop.example"]);
    expect(wanted().map(({ order, isHost }) => [order?.order, isHost])).to.deep.equal([
      ...[[undefined, false]],
      ...[[7, false]],
      ...[
        [7, true],
        [7, true],
      ],
    ]);
  });

  it("are as many of an order as it may have, its domains first", () => {
    const domains = () => ["a.example", "b.example"];
    expect(names({ domains, namesPerOrder: 3 })).to.deep.equal([
      ...["node.example", "a.example", "b.example", "order-7-web.apps.example"],
    ]);
    expect(names({ domains, namesPerOrder: 1 })).to.deep.equal(["node.example", "a.example"]);
    expect(names({ domains, namesPerOrder: 0 })).to.deep.equal(["node.example"]);
  });

  it("are none that the provider's own certificate is good for, which do not count either", () => {
    const isCovered = (name: string): boolean => name !== "order-7-api.apps.example";
    expect(names({ isCovered, namesPerOrder: 1 })).to.deep.equal(["order-7-api.apps.example"]);
  });

  it("are none that no CA gives any for", () => {
    for (const origin of ["https://203.0.113.7:8900", "https://[2001:db8::1]", "https://localhost:8900"]) {
      expect(names({ origin, deployed: () => [] }), origin).to.deep.equal([]);
    }
    expect(names({ origin: "https://node.example:8900", deployed: () => [] })).to.deep.equal(["node.example"]);
  });

  it("are only kept while the application does not run", () => {
    const found = wanted({ deployed: () => [{ ...seven, isRunning: false }] });
    expect(found.map(({ isServed }) => isServed)).to.deep.equal([true, false, false, false]);
  });
});
