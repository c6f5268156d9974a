import { expect } from "chai";

import { checkSharedRooms } from "../../scripts/checks/sharedRooms.ts";

/** Files by their paths, each with what it imports. */
function problemsOf(imports: Record<string, string[]>): string[] {
  const files = Object.entries(imports).map(([path, targets]) => ({
    path,
    text: targets
      .map((target) => (path.endsWith(".sol") ? `import {X} from "${target}";` : `import { x } from "${target}";`))
      .join("\n"),
  }));
  return checkSharedRooms(files).problems;
}

describe("shared rooms", () => {
  const library = "contracts/libraries/L.sol";

  it("may hold what two rooms use, by way of another shared file too", () => {
    const users = {
      "contracts/orders/A.sol": ["../libraries/L.sol"],
      "contracts/tasks/B.sol": ["../libraries/M.sol"],
      "contracts/libraries/M.sol": ["./L.sol"],
      "contracts/nodes/C.sol": ["../libraries/M.sol"],
    };
    expect(problemsOf({ [library]: [], ...users })).to.deep.equal([]);
  });

  it("may not hold what one room alone uses, nor what nothing uses", () => {
    const only = `${library}: only contracts/orders uses it; move it there`;
    expect(problemsOf({ [library]: [], "contracts/orders/A.sol": ["../libraries/L.sol"] })).to.deep.equal([only]);
    expect(problemsOf({ [library]: [] })).to.deep.equal([`${library}: nothing uses it`]);
  });

  it("count a contract as of the room of its parts, and neither tests nor mocks as users", () => {
    const users = {
      "contracts/orders/A.sol": ["../libraries/L.sol"],
      "contracts/OrderEscrow.sol": ["./libraries/L.sol"],
      "contracts/mocks/M.sol": ["../libraries/L.sol"],
      "test/solidity/libraries/L.t.sol": ["../../../contracts/libraries/L.sol"],
    };
    expect(problemsOf({ [library]: [], ...users })).to.have.lengthOf(1);
    expect(problemsOf({ [library]: [], ...users, "contracts/DataGrants.sol": ["./libraries/L.sol"] })).to.deep.equal(
      [],
    );
  });

  it("see an import that is lazy", () => {
    const shared = { "tasks/support/s.ts": [], "tasks/order/a.ts": ["../support/s.ts"] };
    expect(problemsOf(shared)).to.have.lengthOf(1);
    const lazy = { path: "tasks/node/b.ts", text: 'const load = () => import("../support/s.ts");' };
    const files = Object.entries(shared).map(([path, targets]) => ({
      path,
      text: targets.map((target) => `import "${target}";`).join("\n"),
    }));
    expect(checkSharedRooms([...files, lazy]).problems).to.deep.equal([]);
  });
});
