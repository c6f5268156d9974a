import { expect } from "chai";

import { whyUnreachable } from "../../../../src/gateway/fetch/whyUnreachable.ts";

const failed = (code: string): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("at 10.0.0.7, for the log"), { code }) });

describe("Why a server cannot be reached", () => {
  for (const [error, words] of [
    [failed("ENOTFOUND"), "nobody knows its host's name (ENOTFOUND)"],
    [failed("ECONNREFUSED"), "nothing listens there (ECONNREFUSED)"],
    [failed("NOT_PUBLIC"), "its address is not on the public internet (NOT_PUBLIC)"],
    [failed("UND_ERR_CONNECT_TIMEOUT"), "it does not answer in time"],
    [new DOMException("The operation was aborted", "TimeoutError"), "it does not answer in time"],
    [failed("constructor"), "the connection fails"],
    [new TypeError("fetch failed"), "the connection fails"],
    [undefined, "the connection fails"],
  ] as const) {
    it(`is told in words: ${words}`, () => {
      expect(whyUnreachable(error)).to.equal(words);
    });
  }
});
