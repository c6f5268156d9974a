import { expect } from "chai";

import type { Endpoint } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import { Endpoints } from "../../../../src/gateway/proxy/endpoints.ts";

const at = (hostPort: number): Endpoint => ({
  ...{ service: "web", port: 80, portName: undefined, isPublic: false, host: "127.0.0.1", hostPort },
});

/** Endpoints of an engine that a test changes, with how often it was asked. */
function engine() {
  const state = { endpoints: [at(1)], asked: 0, held: Promise.resolve() };
  const endpoints = new Endpoints(
    async () => {
      state.asked += 1;
      const answer = state.endpoints;
      await state.held;
      return answer;
    },
    () => 1_000,
  );
  const portOf = async (): Promise<number | undefined> => (await endpoints.of(7))[0]?.hostPort;
  return { state, endpoints, portOf };
}

describe("Where applications are reached", () => {
  it("is remembered for a moment", async () => {
    const { state, portOf } = engine();
    await portOf();
    await portOf();
    expect(state.asked).to.equal(1);
  });

  it("is nowhere while an application ends, whose ports may be another order's at once", async () => {
    const { endpoints, portOf } = engine();
    expect(await portOf()).to.equal(1);
    await endpoints.changing(7, true, async () => {
      expect(await portOf()).to.equal(undefined);
    });
  });

  it("is read anew after every change, also after one that failed", async () => {
    for (const isEnding of [true, false]) {
      const { state, endpoints, portOf } = engine();
      await portOf();
      const work = async (): Promise<void> => {
        state.endpoints = [at(2)];
        return Promise.reject(new Error("the engine failed"));
      };
      await endpoints.changing(7, isEnding, work).catch(() => undefined);
      expect(await portOf()).to.equal(2);
    }
  });

  it("is not remembered from before a change, however late the engine answers", async () => {
    const { state, endpoints, portOf } = engine();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    state.held = promise;
    const early = portOf();
    await endpoints.changing(7, false, async () => {
      state.endpoints = [at(2)];
      return Promise.resolve();
    });
    resolve(undefined);
    expect(await early).to.equal(1);
    expect(await portOf()).to.equal(2);
  });
});
