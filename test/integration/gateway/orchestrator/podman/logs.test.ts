import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { LogLine } from "../../../../../src/gateway/orchestrator/orchestrator.ts";
import type { PodmanClient } from "../../../../../src/gateway/orchestrator/podman/client.ts";
import { readLogs } from "../../../../../src/gateway/orchestrator/podman/logs.ts";
import type { Pod } from "../../../../../src/gateway/orchestrator/podman/snapshot.ts";

const signal = new AbortController().signal;
/** Containers of an order. */
const MOST = 32;

describe("the logs of podman's containers", function () {
  let folder: string;
  let ids: string[];

  beforeEach(async function () {
    folder = await mkdtemp(join(tmpdir(), "logs-"));
    ids = [];
  });

  afterEach(async function () {
    await rm(folder, { recursive: true });
  });

  const fileOf = (id: string): string => join(folder, id);
  const idOf = (generation: number, container: number): string =>
    (generation * MOST + container).toString(16).padStart(12, "0").padEnd(64, "f");
  const write = async (id: string, ...texts: string[]): Promise<void> =>
    writeFile(fileOf(id), texts.map((text) => `2026-01-01T00:00:00.000000000Z stdout F ${text}\n`).join(""));

  /** Puts containers in the place of those that there were, each with a line. */
  async function redeploy(generation: number, count: number): Promise<void> {
    ids = Array.from({ length: count }, (_, container) => idOf(generation, container));
    for (const id of ids) await write(id, "x");
  }

  async function read(after?: string): Promise<LogLine[]> {
    const podman = {
      find: async (_form: unknown, path: string) =>
        Promise.resolve({ HostConfig: { LogConfig: { Path: fileOf(path.split("/")[2] ?? "") } } }),
    } as unknown as PodmanClient;
    const pods = async () =>
      Promise.resolve([
        { plan: { workload: "web" }, containers: ids.map((id) => ({ id, name: "main" })) } as unknown as Pod,
      ]);
    const lines: LogLine[] = [];
    for await (const line of readLogs(podman, pods, {
      follow: false,
      signal,
      ...(after === undefined ? {} : { after }),
    })) {
      lines.push(line);
    }
    return lines;
  }

  it("have cursors that are no longer than the containers are many, however often they were replaced", async function () {
    let cursor: string | undefined;
    const lengths: number[] = [];
    for (let generation = 0; generation < 4; generation += 1) {
      await redeploy(generation, MOST);
      const lines = await read(cursor);
      expect(lines.length).to.equal(MOST);
      cursor = lines.at(-1)?.cursor;
      lengths.push(cursor?.length ?? 0);
    }
    expect(Math.max(...lengths)).to.be.below(1.1 * Math.min(...lengths));
    await redeploy(4, 1);
    expect((await read(cursor)).at(-1)?.cursor.length).to.be.below(100);
  });

  it("drop the position of a container that is gone", async function () {
    await redeploy(0, 2);
    const cursors: string[] = [];
    const before = (await read()).at(-1)?.cursor ?? "";
    ids = ids.slice(0, 1);
    await write(ids[0] ?? "", "x", "y");
    for (const line of await read(before)) cursors.push(line.cursor);
    const known = JSON.parse(Buffer.from(cursors.at(-1) ?? "", "base64url").toString("utf8")) as object;
    expect(Object.keys(known)).to.deep.equal([idOf(0, 0).slice(0, 12)]);
  });

  it("cost no cursor for a line whose cursor nobody asks for, and give the same one whenever it is asked for", async function () {
    await redeploy(0, 1);
    await write(ids[0] ?? "", "a", "b", "c");
    const lines = await read();
    for (const line of lines) expect(Object.getOwnPropertyDescriptor(line, "cursor")).to.not.have.property("value");
    const backwards = [...lines].reverse().map(({ cursor }) => cursor);
    expect(backwards.reverse()).to.deep.equal(lines.map(({ cursor }) => cursor));
    expect((await read(lines[0]?.cursor)).map(({ text }) => text)).to.deep.equal(["b", "c"]);
  });
});
