import { expect } from "chai";

import { KubernetesClient } from "../../../../../src/gateway/orchestrator/kubernetes/client.ts";
import { readLogs } from "../../../../../src/gateway/orchestrator/kubernetes/logs.ts";
import type { PodObject } from "../../../../../src/gateway/orchestrator/kubernetes/observed.ts";
import { KubernetesApi } from "../../../../fixtures/gateway/orchestrator/kubernetesApi.ts";

const MIB = 2 ** 20;

describe("logs of a cluster's containers that write much", () => {
  let api: KubernetesApi;
  beforeEach(async () => {
    api = await KubernetesApi.start();
  });
  afterEach(async () => {
    await api.close();
    expect(api.faults).to.deep.equal([]);
  });

  const pod = (name: string, containers: string[]): PodObject =>
    ({
      metadata: { name, uid: `uid-${name}`, labels: {} },
      spec: { initContainers: [], containers: containers.map((each) => ({ name: each })) },
    }) as unknown as PodObject;

  /** The texts that are read, with the cursor behind the last of them. */
  async function read(pods: readonly PodObject[], after?: string): Promise<{ texts: string[]; cursor: string }> {
    const query = { follow: false, signal: new AbortController().signal, ...(after === undefined ? {} : { after }) };
    const texts: string[] = [];
    let cursor = "";
    for await (const line of readLogs(
      new KubernetesClient(api.cluster),
      "one",
      async () => Promise.resolve(pods),
      query,
    )) {
      texts.push(line.text);
      if (line.text.startsWith("last")) ({ cursor } = line);
    }
    return { texts, cursor };
  }

  /** Lines of a text each, so many of them in each second. */
  function linesOf(texts: readonly string[], perSecond: number): string {
    const stampOf = (index: number): string => {
      const time = new Date(Date.UTC(2026, 0, 1) + Math.floor(index / perSecond) * 1_000).toISOString().slice(0, 19);
      return `${time}.${String(index % perSecond).padStart(9, "0")}Z`;
    };
    return texts.map((text, index) => `${stampOf(index)} ${text}\n`).join("");
  }

  const numbered = (count: number, length: number): string[] => [
    ...Array.from({ length: count - 1 }, (_, index) => String(index).padEnd(length, ".")),
    "last",
  ];

  it("are read one after another, a part at a time, and each line once", async () => {
    const containers = Array.from({ length: 6 }, (_, index) => `c${String(index)}`);
    const texts = numbered(1_000, 1_000);
    for (const name of containers) api.logs.set(`web/${name}`, linesOf(texts, 100));
    const found = await read([pod("web", containers)]);
    expect(found.texts.toSorted()).to.deep.equal(containers.flatMap(() => texts).toSorted());
    expect(api.mostLogsAtOnce).to.equal(1);
    expect(api.mostLogBytes).to.equal(MIB / 4);
  });

  it("are read in smaller parts where there are many of them", async () => {
    const containers = Array.from({ length: 256 }, (_, index) => `c${String(index)}`);
    for (const name of containers) api.logs.set(`web/${name}`, linesOf(["last"], 1));
    expect((await read([pod("web", containers)])).texts).to.have.length(256);
    expect(api.mostLogBytes).to.equal(MIB / 32);
  });

  it("are read to their end though one second has more than a part", async () => {
    const texts = numbered(900, 1_000);
    api.logs.set("web/main", linesOf(texts, 900));
    const { texts: found, cursor } = await read([pod("web", ["main"])]);
    expect(found).to.deep.equal(texts);
    expect((await read([pod("web", ["main"])], cursor)).texts).to.deep.equal([]);
  });

  it("go on with the next second where one has more than is read", async () => {
    const texts = numbered(2_001, 1_000);
    api.logs.set("web/main", linesOf(texts, 2_000));
    const { texts: found } = await read([pod("web", ["main"])]);
    expect(found.slice(0, 1_000)).to.deep.equal(texts.slice(0, 1_000));
    expect(found.at(-1)).to.equal("last");
    expect(found.length).to.be.below(texts.length);
    expect(api.mostLogBytes).to.equal(MIB);
  });

  it("go on behind a line that is longer than a part, which is cut", async () => {
    for (const length of [MIB / 2, 5 * MIB]) {
      api.logs.set("web/main", linesOf(["first", "x".repeat(length), "last"], 2));
      const { texts: found } = await read([pod("web", ["main"])]);
      expect(found.map((text) => [text.slice(0, 5), text.length])).to.deep.equal([
        ["first", 5],
        ["xxxxx", 65_536],
        ["last", 4],
      ]);
    }
  });
});
