import { expect } from "chai";

import { problemsOfImports } from "../../../scripts/checks/layers.ts";

/** What is wrong with a file that imports another. */
function problemsOf(path: string, target: string): string[] {
  const text = path.endsWith(".sol") ? `import {X} from "${target}";` : `import { x } from "${target}";`;
  return problemsOfImports([{ path, text }]);
}

describe("imports", () => {
  it("may point down, and aside where a layer has parts", () => {
    expect(problemsOf("contracts/OrderEscrow.sol", "./orders/OrderStream.sol")).to.deep.equal([]);
    expect(problemsOf("contracts/orders/OrderStream.sol", "../libraries/L.sol")).to.deep.equal([]);
    expect(problemsOf("contracts/attestation/DcapVerifier.sol", "./CollateralStore.sol")).to.deep.equal([]);
    expect(problemsOf("tasks/order/open.ts", "../../src/protocol.ts")).to.deep.equal([]);
    expect(problemsOf("src/protocol.ts", "./errors.ts")).to.deep.equal([]);
    expect(problemsOf("tasks/order/open.ts", "hardhat/plugins")).to.deep.equal([]);
  });

  const upward: readonly (readonly [path: string, target: string, problem: string])[] = [
    ["contracts/OrderEscrow.sol", "./NodeRegistry.sol", "contracts must not import contracts"],
    ["contracts/libraries/L.sol", "../orders/OrderStream.sol", "libraries must not import parts of contracts"],
    ["contracts/types/Order.sol", "../interfaces/IOrderEscrow.sol", "types must not import interfaces"],
    ["contracts/OrderEscrow.sol", "./mocks/M.sol", "contracts must not import mocks"],
    ["src/protocol.ts", "../tasks/order/open.ts", "src must not import tasks"],
    ["tasks/order/open.ts", "../../demo/play.ts", "tasks must not import demo"],
    ["tasks/order/index.ts", "./open.ts", "builders of tasks must not import tasks"],
    ["src/protocol.ts", "hardhat/types/hre", "src never imports Hardhat"],
    ["src/protocol.ts", "@nomicfoundation/hardhat-ethers", "src never imports Hardhat"],
  ];
  for (const [path, target, problem] of upward) {
    it(`may not point up: ${problem}, as ${path} would by ${target}`, () => {
      const [found, ...others] = problemsOf(path, target);
      expect(found).to.include(`${path}: ${problem}`);
      expect(others).to.deep.equal([]);
    });
  }

  it("of a builder may be lazy, which loads nothing before the task runs", () => {
    const load = { path: "tasks/order/index.ts", text: 'const load = () => import("./open.ts");' };
    expect(problemsOfImports([load])).to.deep.equal([]);
    const lazyUp = { path: "src/protocol.ts", text: 'const load = () => import("../tasks/order/open.ts");' };
    expect(problemsOfImports([lazyUp])).to.have.length(1);
  });
});
