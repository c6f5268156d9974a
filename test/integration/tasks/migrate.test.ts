import { expect } from "chai";
import { getBytes } from "ethers";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { openSigningSeats } from "../../fixtures/proxy/signingSeats.ts";
import { ACTORS, openTaskCli, REVIEWED, shownBy, type CliNode, type TaskCli } from "../../fixtures/tasks/taskCli.ts";
import { filesBelow, leaksIn } from "../../../demo/leaks.ts";
import { openDataKey } from "../../../src/data/delivery.ts";
import type { PrivateKey } from "../../../src/data/keys.ts";
import { parseDocument } from "../../../src/documents/index.ts";

const [OWNER, OTHER] = ACTORS.owners;

describe("migrating a data key by the command line", function () {
  this.timeout(300_000);
  let cli: TaskCli;
  let nodes: readonly [CliNode, CliNode];
  let programs: EnclaveProcess[];
  let validators: Awaited<ReturnType<typeof openSigningSeats>>;
  const file = (name: string): string => cli.file(name);
  const socketOf = (place: number): string => file(`run-${String(place)}/enclave.sock`);

  before(async () => {
    cli = await openTaskCli();
    nodes = [await cli.attested("one"), await cli.attested("two")];
    validators = await openSigningSeats(cli);
    await cli.run("node trust", { depth: "0", out: file("chain.trust.json") });
    programs = [];
    for (const [place, { node, key }] of nodes.entries()) {
      const believed = ["--trust", file("chain.trust.json"), "--state", file(`${node}.belief`)];
      const simulated = ["--platform", `node-${node}`, "--measurement", REVIEWED];
      programs.push(await EnclaveProcess.listen(socketOf(place), "--key", key, ...believed, ...simulated));
    }
  });
  after(async () => {
    for (const program of programs) await program.end("SIGTERM");
    await validators.close();
    await cli.hardhat.close();
  });

  const keyOf = ({ key }: CliNode): PrivateKey => {
    const { privateKey } = JSON.parse(readFileSync(key, "utf8")) as { privateKey: string };
    return { scheme: "Secp256k1", key: getBytes(privateKey) };
  };

  /** Grants a dataset to the first node, with what the owner chooses, and delivers its key. */
  async function delivered(name: string, account: string, chosen: Record<string, unknown>) {
    const [{ node }] = nodes;
    const { id: dataset, file: encrypted, key } = await cli.dataset(account, name, "1");
    await cli.run("dataset grant", { dataset, node, account, measurement: REVIEWED, ...chosen });
    const out = file(`${name}.sealed.json`);
    await cli.run("dataset deliver", { dataset, node, key, file: encrypted, ...shownBy(nodes[0]), out });
    const args = {
      ...{ dataset, node, successor: nodes[1].node, file: encrypted, sealedKey: out },
      ...{ enclave: socketOf(0), successorEnclave: socketOf(1), validators: validators.url },
      ...{ collateral: file("two.collateral.json"), out: file(`${name}.migrated.json`) },
    };
    return { args, key, dataset };
  }

  it("seals the key to the successor's enclave on the owner's conditions, and lets nothing secret out", async () => {
    const { args, key, dataset } = await delivered("followed", OWNER, { migrateTo: REVIEWED, minRows: "20" });
    const shown = await cli.run("dataset show", { dataset });
    expect(shown["conditions"])
      .to.have.property("migration")
      .that.deep.include({ measurements: [REVIEWED] });
    const said = await cli.run("dataset migrate", args);
    expect(said).to.include({ file: args.out, from: BigInt(nodes[0].node) });
    const document = parseDocument("sealed-data-key", readFileSync(args.out, "utf8"));
    expect(document.nodeId).to.equal(BigInt(nodes[1].node));
    const use = { ...document, chainId: BigInt(document.chainId) };
    const { dataKey, conditions } = openDataKey(keyOf(nodes[1]), document, use);
    const { dataKey: own } = JSON.parse(readFileSync(key, "utf8")) as { dataKey: string };
    expect(dataKey).to.deep.equal(getBytes(own));
    expect(conditions.output.minRows).to.equal(20);
    expect(conditions.migration?.measurements).to.deep.equal([REVIEWED]);
    const secrets = new Map([["data key", getBytes(own)]]);
    const kept = filesBelow(cli.hardhat.folder).filter((name) => !name.endsWith(".key.json"));
    const found = [...kept.map((name) => readFileSync(name)), ...programs.map(({ log }) => Buffer.from(log))];
    expect(kept).to.include(args.out);
    for (const bytes of found) expect(leaksIn(bytes, secrets)).to.deep.equal([]);
    await cli.refuses("dataset migrate", args, "already exists");
  });

  it("refuses what the owner has not allowed, and what does not belong together, and writes nothing", async () => {
    const { args } = await delivered("kept", OTHER, {});
    await cli.refuses("dataset migrate", args, "lets its key be migrated nowhere");
    await cli.refuses("dataset migrate", { ...args, node: nodes[1].node }, "has the key of dataset");
    await cli.refuses("dataset migrate", { ...args, file: undefined }, "--file is missing");
    await cli.refuses("dataset migrate", { ...args, enclave: undefined }, "--enclave is missing");
    await cli.refuses("dataset migrate", { ...args, successorEnclave: undefined }, "--successor-enclave is missing");
    await cli.refuses("dataset migrate", { ...args, validators: "" }, "no validators are named");
    await cli.refuses("dataset migrate", { ...args, collateral: undefined }, "no collateral to judge the quote by");
    expect(existsSync(args.out)).to.equal(false);
    const granted = { dataset: args.dataset, node: args.node, account: OTHER, measurement: REVIEWED };
    await cli.refuses("dataset grant", { ...granted, migrateTo: REVIEWED }, "has its conditions in");
    const { id: dataset } = await cli.dataset(OTHER, "unclear", "1");
    await cli.refuses("dataset grant", { ...granted, dataset, migrateTo: "0x12" }, "0x12");
    await cli.refuses("dataset grant", { ...granted, dataset, migrateTo: "," }, "--migrate-to names no measurement");
  });

  it("says that a program which believes whoever runs it migrates nothing", async () => {
    const { args } = await delivered("believed", OWNER, { migrateTo: REVIEWED });
    const socket = file("run-host/enclave.sock");
    const believing = await EnclaveProcess.listen(socket, "--key", nodes[0].key);
    try {
      await cli.refuses("dataset migrate", { ...args, enclave: socket }, "believes whoever runs it");
    } finally {
      await believing.end("SIGTERM");
    }
    writeFileSync(file("not-a-key.json"), "{}");
    await cli.refuses("dataset migrate", { ...args, sealedKey: file("not-a-key.json") }, "is invalid");
  });
});
