import { expect } from "chai";

import { deployment, NO_SECRETS, shell, workload } from "../../../fixtures/gateway/orchestrator/applications.ts";
import { linesOf, until, type Setting } from "../../../fixtures/gateway/orchestrator/setting.ts";

/**
 * The part of the contract that is about what drivers say of running containers: logs and usage.
 *
 * @param setting Gives the setting; asked within tests only.
 * @param order Gives a number that no other test has.
 */
export function reportsWhatRuns(setting: () => Setting, order: () => number): void {
  it("gives logs once, whole and in order, from any cursor on", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const script = "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; echo error $i >&2; done; sleep 1000";
    const what = { workloads: [workload(shell(image, script))], services: [], volumes: [] };
    await orchestrator.apply(deployment(number, what), NO_SECRETS);
    const lines = await until(
      () => linesOf(orchestrator, number),
      (found) => found.length >= 18,
      "all lines should be there",
    );
    expect(lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text)).to.deep.equal(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((each) => `line ${String(each)}`),
    );
    expect(lines.filter(({ stream }) => stream === "stderr")).to.have.length(9);
    for (const [index, { cursor }] of lines.entries()) {
      const rest = await linesOf(orchestrator, number, cursor);
      expect(rest.map(({ text }) => text)).to.deep.equal(lines.slice(index + 1).map(({ text }) => text));
    }
    const newest: string[] = [];
    const query = { follow: false, tail: 3, signal: new AbortController().signal };
    for await (const { text } of orchestrator.logs(number, query)) newest.push(text);
    expect(newest).to.deep.equal(lines.slice(-3).map(({ text }) => text));
  });

  it("follows logs until it is told to stop", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    const script = "i=0; while true; do i=$((i + 1)); echo $i; sleep 0.1; done";
    const what = { workloads: [workload(shell(image, script))], services: [], volumes: [] };
    await orchestrator.apply(deployment(number, what), NO_SECRETS);
    const end = new AbortController();
    const seen: number[] = [];
    for await (const { text } of orchestrator.logs(number, { follow: true, signal: end.signal })) {
      seen.push(Number(text));
      if (seen.length === 12) end.abort();
    }
    expect(seen.slice(0, 12)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("counts what containers use", async function () {
    const { orchestrator, image } = setting();
    const number = order();
    await orchestrator.apply(
      deployment(number, { workloads: [workload(shell(image, "while true; do :; done"))], services: [], volumes: [] }),
      NO_SECRETS,
    );
    const first = await until(
      () => orchestrator.usage(number),
      ({ cpuNanoseconds }) => cpuNanoseconds > 50_000_000n,
      "CPU should be counted",
    );
    expect(first.memory).to.be.greaterThan(0);
    await until(
      () => orchestrator.usage(number),
      ({ cpuNanoseconds }) => cpuNanoseconds > first.cpuNanoseconds + 50_000_000n,
      "CPU should be counted on",
    );
  });
}
