import { expect } from "chai";

import { declaredErrors, untestedErrors } from "../../../scripts/checks/errorsOf.ts";

const contracts = [
  {
    path: "contracts/interfaces/I.sol",
    text: "interface I {\n    error VaultEmpty();\n    error VaultShut(uint256 until);\n}",
  },
  { path: "contracts/mocks/M.sol", text: "contract M {\n    error MockAnything();\n}" },
];

describe("errors that contracts declare", () => {
  it("are found in all that is shipped, and not in mocks", () => {
    expect(declaredErrors(contracts).map(({ name }) => name)).to.deep.equal(["VaultEmpty", "VaultShut"]);
  });

  it("must each be named by a test, by the whole name", () => {
    const tests = [{ path: "test/solidity/V.t.sol", text: "vm.expectRevert(I.VaultEmpty.selector); // VaultShutter" }];
    expect(untestedErrors(declaredErrors(contracts), tests)).to.deep.equal([
      "contracts/interfaces/I.sol: no test provokes VaultShut",
    ]);
    const more = { path: "test/integration/v.test.ts", text: 'expect(name).to.equal("VaultShut");' };
    expect(untestedErrors(declaredErrors(contracts), [...tests, more])).to.deep.equal([]);
  });
});
