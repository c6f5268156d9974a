import { expect } from "chai";

import type { KubernetesClient, KubernetesRequest } from "../../../../../src/gateway/orchestrator/kubernetes/client.ts";
import { readContainerLog } from "../../../../../src/gateway/orchestrator/kubernetes/containerLog.ts";

const source = { key: "uid/web", path: "/api/v1/namespaces/one/pods/a/log", container: "web", workload: "web" };
const stamp = (second: number, fraction: number): string =>
  `2026-01-01T00:00:0${String(second)}.${String(fraction).padStart(9, "0")}Z`;

describe("a part of a container's log", () => {
  /** Bytes that were asked for, one number for each time. */
  let asked: number[];
  /** Reads some of a log, as much as is asked for of which the API gives. */
  async function read(log: string, limit: number, position: readonly [string, number] = ["", 0]) {
    asked = [];
    const ask = async (_method: string, _path: string, { query }: KubernetesRequest) => {
      asked.push(Number(query?.["limitBytes"]));
      const bytes = Buffer.from(log).subarray(0, asked.at(-1));
      return Promise.resolve({ status: 200, text: bytes.toString(), size: bytes.length });
    };
    const api = { ask } as unknown as KubernetesClient;
    const { lines, hasMore, skipTo } = await readContainerLog(api, source, [...position], limit, undefined);
    return { texts: lines.map(({ text }) => text), hasMore, skipTo };
  }
  const log = (...texts: string[]): string => texts.map((text, i) => `${stamp(1, i)} ${text}\n`).join("");

  it("has no more bytes of lines than it may, though more was asked for", async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `line ${String(i).padStart(2, "0")}`);
    // What is known fills the part, so that a wider one is asked for.
    const { texts: found, hasMore } = await read(log(...texts), 400, [stamp(1, 10), 1]);
    expect(asked).to.deep.equal([400, 1_600]);
    expect([found, hasMore]).to.deep.equal([texts.slice(11, 21), true]);
  });

  it("has one line though that is longer than a part", async () => {
    const long = "x".repeat(5_000);
    expect(await read(log(long, "next"), 2_000))
      .to.include({ hasMore: true })
      .and.to.deep.include({ texts: [long] });
    // What the API gives of a line that is longer still is its beginning.
    const { texts, hasMore } = await read(log("x".repeat(9_000), "next"), 2_000);
    expect([texts, hasMore]).to.deep.equal([["x".repeat(8_000 - stamp(1, 0).length - 1)], true]);
  });

  it("ends where the API gives as many bytes as were asked for, whatever characters they are", async () => {
    const texts = ["ééééééé", "ééééééé", "ééééééé"];
    const [one = ""] = log(...texts).split(/(?<=\n)/);
    const limit = 2 * Buffer.byteLength(one) + 5;
    expect(await read(log(...texts), limit)).to.deep.include({ texts: texts.slice(0, 2), hasMore: true });
  });

  it("is nothing where what the API gives has no times", async () => {
    expect(await read("?".repeat(5_000), 1_000)).to.deep.equal({ texts: [], hasMore: false, skipTo: undefined });
  });
});
