import { setTimeout as pause } from "node:timers/promises";

import { expect } from "chai";

import type { ApplicationView, DeploymentView } from "../../../src/gateway/client/forms.ts";
import { GatewayError } from "../../../src/gateway/client/request.ts";
import { settled } from "../../../tasks/app/waiting.ts";

const deployment = (state: string): DeploymentView => ({
  ...{ id: 3, state, url: "https://host.example/app.yaml", sha256: "ab", createdAt: 1_000, changedAt: 1_000 },
});
const workload = { workload: "web", wanted: 2, ready: 0, restarts: 4, reason: "CrashLoopBackOff: exit code 1" };
const view = (state: string, workloads: (typeof workload)[] = []): ApplicationView => ({
  deployment: deployment(state),
  running: { phase: "starting", workloads },
  hosting: { phase: "running", endedAt: null },
});
const refusal = (code: string, status: number): GatewayError =>
  new GatewayError({ code, status, problem: `The gateway says ${code}.`, remedy: "Wait." });

type Warning = readonly [time: number, kind: string, reason: string, detail: string];

/** A gateway that answers one after the other, the last for ever, and has had events. */
class Gateway {
  looks = 0;
  readonly #answers: readonly (ApplicationView | Error)[];
  readonly #events: readonly Warning[];

  constructor(answers: readonly (ApplicationView | Error)[], events: readonly Warning[] = []) {
    [this.#answers, this.#events] = [answers, events];
  }

  async status(signal?: AbortSignal): Promise<ApplicationView> {
    const answer = this.#answers[Math.min(this.looks, this.#answers.length - 1)];
    this.looks += 1;
    // It keeps silent until whoever asks gives up.
    if (answer === undefined) return pause(60_000, view("queued"), { signal, ref: false });
    if (answer instanceof Error) throw answer;
    return Promise.resolve(answer);
  }

  async events({ after = "0" }: { readonly after?: string | undefined } = {}) {
    const from = Number(after);
    // Two a page, as of a gateway with many.
    const page = this.#events.slice(from, from + 2);
    const events = page.map(([time, kind, reason, detail], at) => ({ id: from + at + 1, time, kind, reason, detail }));
    return Promise.resolve({ events, cursor: String(from + page.length) });
  }
}

describe("waiting for a deployment", () => {
  const never = new AbortController().signal;

  async function waited(gateway: Gateway, milliseconds: number, signal = never) {
    const told: string[] = [];
    const tell = (detail: string): void => void told.push(detail);
    const last = await settled(gateway, deployment("queued"), { milliseconds, tell, signal });
    return { state: last.state, told };
  }

  it("goes on where the gateway does not answer for a while, or is not well", async () => {
    const answers = [refusal("unreachable", 0), refusal("rate-limited", 429), refusal("internal", 500), view("ready")];
    const gateway = new Gateway(answers);
    const { state, told } = await waited(gateway, 15_000);
    expect([state, gateway.looks]).to.deep.equal(["ready", 4]);
    expect(
      told.some((line) => /^queued; The gateway says \S+\. It is asked again$/.test(line)),
      told.join("\n"),
    ).to.equal(true);
  });

  it("says nothing of warnings from before", async () => {
    const gateway = new Gateway(
      [view("checking"), view("checking"), view("checking"), view("ready")],
      [[500, "warning", "Old", "of another deployment"]],
    );
    expect((await waited(gateway, 15_000)).told).to.deep.equal(["queued", "checking"]);
  });

  it("ends with a refusal that stays one", async () => {
    const thrown: unknown = await waited(new Gateway([refusal("not-the-user", 403)]), 15_000).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.have.property("code", "not-the-user");
  });

  it("gives what was seen last when the time is over, also while the gateway keeps silent", async () => {
    const from = performance.now();
    expect((await waited(new Gateway([view("checking")]), 1_200)).state).to.equal("checking");
    expect((await waited(new Gateway([]), 1_200)).state).to.equal("queued");
    expect(performance.now() - from).to.be.within(2_300, 30_000);
  });

  it("ends at once when it is told to, in the middle of a question", async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 700);
    const from = performance.now();
    await waited(new Gateway([]), 60_000, stop.signal);
    expect(performance.now() - from).to.be.below(30_000);
  });

  it("says the state, what is not ready and why, and the newest warning since the deployment was asked for", async () => {
    const gateway = new Gateway(
      [...Array.from({ length: 5 }, () => view("applying", [workload])), view("failed")],
      [
        [500, "warning", "Old", "of another deployment"],
        [1_100, "warning", "ErrImagePull", "not the newest"],
        [1_200, "warning", "BackOff", "restarting failed container"],
        [1_300, "normal", "Started", "no warning"],
      ],
    );
    const { state, told } = await waited(gateway, 15_000);
    expect(state).to.equal("failed");
    expect(told[0]).to.equal("queued");
    expect(told).to.include(
      "applying; web has 0 of 2 ready, CrashLoopBackOff: exit code 1; BackOff: restarting failed container",
    );
    expect(new Set(told).size, "each once").to.equal(told.length);
  });
});
