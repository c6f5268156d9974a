import { expect } from "chai";

import { Limits } from "../../../../src/gateway/http/limits.ts";
import type { Problem } from "../../../../src/gateway/problems/problem.ts";

const rate = { perSecond: 2, burst: 3 };

describe("Limits", () => {
  let time: number;
  let limits: Limits;

  beforeEach(() => {
    time = 1_800_000_000_000;
    limits = new Limits(
      {
        address: rate,
        order: rate,
        login: { perSecond: 0.1, burst: 1 },
        fetch: rate,
        deploy: rate,
        quote: rate,
        strangers: rate,
      },
      () => time,
    );
  });

  /** Seconds to wait; 0 where it is allowed. */
  function wait(name: Parameters<Limits["take"]>[0], key: string): number {
    try {
      limits.take(name, key);
      return 0;
    } catch (error) {
      const problem = error as Problem;
      expect(problem.code).to.equal("rate-limited");
      return problem.retryAfter ?? 0;
    }
  }

  it("allow as many at once as they say, then as many a second", () => {
    const taken = Array.from({ length: 5 }, () => wait("address", "a"));
    expect(taken).to.deep.equal([0, 0, 0, 1, 1]);
    time += 500;
    expect([wait("address", "a"), wait("address", "a")]).to.deep.equal([0, 1]);
    time += 3_600_000;
    expect(Array.from({ length: 4 }, () => wait("address", "a"))).to.deep.equal([0, 0, 0, 1]);
  });

  it("say how long to wait", () => {
    wait("login", "a");
    expect(wait("login", "a")).to.equal(10);
    time += 4_000;
    expect(wait("login", "a")).to.equal(6);
  });

  it("count each client and each kind by itself", () => {
    for (let i = 0; i < 3; i += 1) wait("address", "a");
    expect(wait("address", "b")).to.equal(0);
    expect(wait("order", "a")).to.equal(0);
  });

  it("give nothing for a clock that is set back", () => {
    for (let i = 0; i < 3; i += 1) wait("address", "a");
    time -= 3_600_000;
    expect(wait("address", "a")).to.equal(1);
  });

  it("remember a bounded number of clients, and those who asked last", () => {
    const few = new Limits(
      { address: rate, order: rate, login: rate, fetch: rate, deploy: rate, quote: rate, strangers: rate },
      () => time,
      100,
    );
    const isRefused = (key: string): boolean => {
      try {
        few.take("address", key);
        return false;
      } catch {
        return true;
      }
    };
    for (let i = 0; i < 3; i += 1) expect(isRefused("first")).to.equal(false);
    for (let i = 0; i < 99; i += 1) isRefused(String(i));
    expect(isRefused("first")).to.equal(true);
    for (let i = 0; i < 100; i += 1) isRefused(`again ${String(i)}`);
    expect(isRefused("first"), "forgotten").to.equal(false);
  });
});
