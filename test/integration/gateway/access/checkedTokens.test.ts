import { expect } from "chai";

import { CheckedTokens } from "../../../../src/gateway/access/checkedTokens.ts";
import type { Credential } from "../../../../src/gateway/access/credential.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";

describe("Tokens that were checked", () => {
  let time: number;
  let checked: string[];

  beforeEach(() => {
    time = 1_000_000;
    checked = [];
  });

  const tokens = (most?: number): CheckedTokens => new CheckedTokens(() => time, most);

  /** Has a token read that is good for 900 seconds from its first check. */
  async function read(known: CheckedTokens, token: string, stays = true): Promise<Credential> {
    return known.get(token, () => {
      checked.push(token);
      const credential = { id: token, account: "0x", expiresAt: 1_900, grants: [] };
      return Promise.resolve({ credential, stays });
    });
  }

  it("are not checked again before they expire, and then they are", async () => {
    const known = tokens();
    for (const token of ["a", "a", "b", "a"]) expect((await read(known, token)).id).to.equal(token);
    expect(checked).to.deep.equal(["a", "b"]);
    time = 1_899_999;
    await read(known, "a");
    expect(checked).to.have.lengthOf(2);
    time = 1_900_000;
    await read(known, "a");
    expect(checked).to.deep.equal(["a", "b", "a"]);
  });

  it("are checked again where what was found may change", async () => {
    const known = tokens();
    await read(known, "a", false);
    await read(known, "a", false);
    expect(checked).to.deep.equal(["a", "a"]);
  });

  it("are so many at most: the one that was checked first is forgotten", async () => {
    const known = tokens(2);
    for (const token of ["a", "b", "c", "b", "c", "a"]) await read(known, token);
    expect(checked).to.deep.equal(["a", "b", "c", "a"]);
  });

  it("are not remembered where they were refused", async () => {
    const known = tokens();
    const refuse = (): Promise<never> => {
      checked.push("refused");
      return Promise.reject(new Problem("invalid-signature", "no"));
    };
    for (let i = 0; i < 2; i++) expect((await problemOf(known.get("a", refuse))).code).to.equal("invalid-signature");
    expect(checked).to.deep.equal(["refused", "refused"]);
  });
});
