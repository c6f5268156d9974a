import { expect } from "chai";

import { createLog } from "../../../src/service/log.ts";

describe("An error in the gateway's log", () => {
  /** What the log has of an error. */
  function logged(error: unknown): Record<string, unknown> {
    let line = "";
    createLog("info", { write: (written: string) => (line = written) }).error({ err: error }, "it failed");
    return (JSON.parse(line) as { err: Record<string, unknown> }).err;
  }

  it("has its kind, code, message and stack, and those of what caused it", () => {
    const root = Object.assign(new Error("connect ECONNREFUSED 203.0.113.1:443"), { code: "ECONNREFUSED" });
    const error = new RangeError("The registry does not answer", {
      cause: new TypeError("fetch failed", { cause: root }),
    });
    const told = logged(error);
    expect(told).to.include({ type: "RangeError", message: error.message, stack: error.stack });
    expect(told["cause"]).to.include({ type: "TypeError", message: "fetch failed" });
    const { cause } = told["cause"] as { cause: object };
    expect(cause).to.include({ type: "Error", code: "ECONNREFUSED", message: root.message });
  });

  it("is told also where it is no Error", () => {
    expect(logged({ name: "PodmanError", code: 500, message: "no such pod" })).to.include({
      ...{ type: "PodmanError", code: 500, message: "no such pod" },
    });
    expect(logged("gone")).to.deep.equal({ type: "string", message: "gone" });
    expect(logged(null)).to.deep.equal({ type: "object", message: "null" });
  });

  it("has only the kind where it comes from an endpoint of the chain, whose address may hold a key", () => {
    const url = "https://rpc.example/KEY";
    const endpoint = Object.assign(new Error(`server response 500 (url="${url}")`, { cause: new Error(url) }), {
      ...{ code: "SERVER_ERROR", shortMessage: "server response 500" },
    });
    const told = logged(new Error("No endpoint answers", { cause: endpoint }));
    expect(told["cause"]).to.deep.equal({ type: "Error", code: "SERVER_ERROR", message: "server response 500" });
    expect(JSON.stringify(told)).not.to.contain("KEY");
  });

  it("ends where errors have caused each other in a circle", () => {
    const error = new Error("a circle");
    error.cause = error;
    expect(logged(error)).to.have.property("message", "a circle");
  });
});
