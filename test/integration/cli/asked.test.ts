import { expect } from "chai";
import type { Provider } from "ethers";

import type { Context } from "../../../tasks/support/context.ts";
import { LIMIT_CODES } from "../../../tasks/support/failures/network.ts";
import { firstNonce } from "../../../tasks/support/sending/nonces.ts";
import { isRpcError } from "../../../tasks/support/sending/rpc.ts";
import { tryInARow } from "../../../tasks/support/sending/sequence.ts";

const ACCOUNT = `0x${"a1".repeat(20)}`;
const coded = (code: unknown): Error => Object.assign(new Error("no"), { code });

describe("what a node has answered", () => {
  it("is no answer where it takes no more requests for now, or where nobody answers", () => {
    for (const code of [...LIMIT_CODES, -1, "ECONNRESET", undefined]) {
      expect(isRpcError(coded(code)), String(code)).to.equal(false);
    }
    for (const code of [-32000, -32601, -32602, 3]) expect(isRpcError(coded(code)), String(code)).to.equal(true);
  });

  it("makes nothing untried that a node would try later", async () => {
    const trying = async (code: number) => {
      const connection = { provider: { request: async () => Promise.reject(coded(code)) } };
      const context = { connection, options: { replace: false } } as unknown as Context;
      return tryInARow(context, ACCOUNT, [{ to: ACCOUNT, data: "0x01", value: 0n }]);
    };
    for (const code of LIMIT_CODES) {
      const failure = await trying(code).catch((error: unknown) => (error as { code: number }).code);
      expect(failure, String(code)).to.equal(code);
    }
    expect(await trying(-32602)).to.equal(undefined);
  });
});

describe("the nonce of what is sent first", () => {
  /** With 5 transactions mined and 8 known. */
  const nonceFor = async (
    count: number,
    options: { replace?: boolean; nonce?: string },
    known = 8,
  ): Promise<number> => {
    const provider = {
      getTransactionCount: (_account: string, tag: string) => Promise.resolve(tag === "pending" ? known : 5),
    } as unknown as Provider;
    return firstNonce({ provider, options: { replace: false, ...options } } as unknown as Context, ACCOUNT, count);
  };
  const refusal = async (...args: Parameters<typeof nonceFor>): Promise<string> =>
    nonceFor(...args).then(
      (nonce) => `the nonce ${String(nonce)}`,
      (error: unknown) => (error as Error).message,
    );

  it("is that of the oldest that waits where one is replaced, or the one that was named", async () => {
    expect(await nonceFor(1, { replace: true })).to.equal(5);
    expect(await nonceFor(1, { replace: true, nonce: "6" })).to.equal(6);
    for (const nonce of ["4", "8"]) {
      expect(await refusal(1, { replace: true, nonce }))
        .to.include("waits to be mined")
        .and.to.include("from 5 to 7");
    }
    expect(await refusal(1, { replace: true }, 5)).to.include("there is none to replace");
  });

  it("is that of the last that waits where several are sent in its place: they would replace those after it too", async () => {
    expect(await nonceFor(2, { replace: true, nonce: "7" })).to.equal(7);
    for (const nonce of [undefined, "5", "6"]) {
      const problem = await refusal(2, { replace: true, ...(nonce === undefined ? {} : { nonce }) });
      expect(problem).to.include("This sends 2 transactions").and.to.include("one by one");
    }
    expect(await nonceFor(2, { replace: true }, 6), "where only one waits").to.equal(5);
  });

  it("is the next of the account where nothing is replaced, whatever is named", async () => {
    expect(await nonceFor(2, {})).to.equal(8);
    expect(await nonceFor(2, {}, 3), "where the node's count of what waits lags").to.equal(5);
    expect(await nonceFor(2, { nonce: "8" })).to.equal(8);
    expect(await refusal(2, { nonce: "9" })).to.include("waits for ever");
    expect(await refusal(2, { nonce: "6" })).to.include("--replace");
    expect(await refusal(2, { nonce: "4" })).to.include("was used before");
  });
});
