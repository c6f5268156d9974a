import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { pino } from "pino";

import { deployAttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { openServiceStage, type ServiceStage } from "../../fixtures/provider/serviceStage.ts";
import { examineProvider, type DoctorFinding } from "../../../src/provider/doctor.ts";

const log = pino({ level: "silent" });

describe("the doctor of a provider's service", () => {
  let stage: ServiceStage | undefined;

  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  async function findings({ configOf, environment }: ServiceStage, changes: object = {}): Promise<DoctorFinding[]> {
    return examineProvider({ config: configOf(changes), environment, log, now: Date.now, measure: 0 });
  }
  const textOf = (found: readonly DoctorFinding[]): string =>
    found.map(({ state, detail }) => `${state} ${detail}`).join("\n");

  it("says why the node has no orders, and that its gateway does not answer", async () => {
    stage = await openServiceStage();
    const found = await findings(stage);
    expect(textOf(found)).to.match(/warning It takes orders and has none: orders use 0 of its 100 units/);
    expect(textOf(found)).to.match(/failure Its gateway does not answer at https:\/\/node\.example/);
    expect(found.every(({ state, remedy }) => state === "ok" || (remedy ?? "") !== "")).to.equal(true);
  });

  it("names the endpoints that do not answer or refuse, not their addresses, and what to look at", async () => {
    stage = await openServiceStage();
    const refusing = createServer((_, response) => response.writeHead(401).end("no such key"));
    await once(refusing.listen(0, "127.0.0.1"), "listening");
    const refused = `http://127.0.0.1:${String((refusing.address() as AddressInfo).port)}/key-of-somebody`;
    const { chain } = stage.fieldsOf() as { readonly chain: { readonly rpc: readonly string[] } };
    const nobody = "http://127.0.0.1:1/key-of-somebody";
    try {
      const none = await findings(stage, { chain: { ...chain, rpc: [refused, nobody] } });
      expect(none.map(({ subject, state }) => [subject, state])).to.deep.equal([
        ["chain", "warning"],
        ["chain", "warning"],
        ["chain", "failure"],
      ]);
      for (const [i, { detail, remedy }] of none.entries()) {
        expect(detail).to.match(
          [/`chain\.rpc\[0\]`.*SERVER_ERROR/, /`chain\.rpc\[1\]`.*ECONNREFUSED/, /No endpoint/][i]!,
        );
        expect(detail).not.to.include("key-of-somebody");
        expect(remedy).to.include("`chain.rpc`");
      }
      const some = await findings(stage, { chain: { ...chain, rpc: [refused, ...chain.rpc] } });
      expect(textOf(some)).to.match(/warning `chain\.rpc\[0\]` was not used/);
      expect(textOf(some)).to.match(/ok block \d+/);
    } finally {
      refusing.close();
    }
  });

  it("says of a node that the chain has verified that no quorum can vouch for it any more, where one is to", async () => {
    stage = await openServiceStage(async () => {
      const platform = await deployAttestedPlatform();
      const nodeId = await platform.declare();
      const machine = platform.simulator.platform({ name: "platform" });
      await platform.submit(machine.collateral());
      await platform.attestOnChain(nodeId, machine);
      return { platform, nodeId };
    });
    const [subject, weak] = [`node ${stage.nodeId.toString()}`, "takes none from now on that a quorum vouches for"];
    const byQuorum = { attestation: { by: "quorum", validators: ["http://127.0.0.1:1"] } };
    const found = (await findings(stage, byQuorum)).find(({ detail }) => detail.includes(weak));
    expect(found).to.deep.include({ subject, state: "warning" });
    expect(found?.remedy).to.include("Set `attestation.by` to `chain`");
    expect(textOf(await findings(stage))).to.not.include(weak);
  });
});
