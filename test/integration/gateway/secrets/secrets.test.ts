import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { secretContext, type SecretUse } from "../../../../src/data/contexts.ts";
import { DataError } from "../../../../src/data/errors.ts";
import { enclaveKeyOf, makePrivateKey, publicKeyOf } from "../../../../src/data/keys.ts";
import { seal } from "../../../../src/data/sealing.ts";
import { openSecret } from "../../../../src/data/secrets.ts";
import { EnclaveError } from "../../../../src/enclave/errors.ts";
import { tryOut } from "../../../../src/gateway/deployments/requests.ts";
import { SecretOpener, type OpenSecret } from "../../../../src/gateway/secrets/opening.ts";
import { SealedSecrets } from "../../../../src/gateway/secrets/sealedSecrets.ts";
import { OrchestratorError } from "../../../../src/gateway/orchestrator/orchestrator.ts";
import type { Application } from "../../../../src/gateway/orchestrator/application.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import { application, sha256Of, Workshop } from "../../../fixtures/gateway/deployments/workshop.ts";
import { problemOf } from "../../../fixtures/gateway/problemOf.ts";
import { termsOf } from "../../../fixtures/gateway/scriptedChain.ts";

const A = "https://host.example/a.yaml";
const NAME = { order: 7, terms: termsOf("order 7") };
const ESCROW = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const VALUE = "correct-horse-battery-staple";

/** An application that reads a secret as a variable and as a file. */
function withSecrets(): Application {
  const [workload] = application().workloads;
  const [container] = workload!.containers;
  const password = { kind: "secret", secret: "db", key: "password" } as const;
  const mount = {
    path: "/run",
    readOnly: true,
    source: { kind: "files" as const, files: { user: { ...password, key: "user" } } },
  };
  return {
    ...application(),
    workloads: [{ ...workload!, containers: [{ ...container!, env: { PASSWORD: password }, mounts: [mount] }] }],
  };
}

describe("secrets", () => {
  const enclave = makePrivateKey("Secp256k1");
  const use = {
    chainId: 31_337n,
    orderEscrow: ESCROW,
    nodeId: 1n,
    orderId: 7n,
    terms: NAME.terms,
    name: "db",
    version: 1,
  };
  let folder: string;
  let shop: Workshop;
  let secrets: SealedSecrets;
  let opened: Uint8Array[];
  let open: OpenSecret | undefined;

  /** What an enclave process does, in this process. */
  const inEnclave: OpenSecret = (expected, sealed) => {
    try {
      const value = openSecret(enclave, expected, sealed);
      opened.push(value);
      return Promise.resolve(value);
    } catch (error) {
      // As the client gives it on.
      const { code, problem } = error as DataError;
      return Promise.reject(new EnclaveError(code, problem));
    }
  };

  const sealed = (
    key: string,
    value: string,
    changes: Partial<SecretUse> = {},
  ): { key: string; sealed: Uint8Array } => {
    const to = publicKeyOf(enclave);
    const context = secretContext({ ...use, key, enclaveKey: enclaveKeyOf(to), ...changes });
    return { key, sealed: seal(to, context, new TextEncoder().encode(value)) };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gateway-secrets-"));
    begin(":memory:");
  });

  /** Starts a gateway with a database. */
  function begin(file: string): void {
    const database = openDatabase(file);
    opened = [];
    open = inEnclave;
    secrets = new SealedSecrets(database, () => 1);
    const opener = new SecretOpener({
      secrets,
      open: (...values) =>
        open === undefined ? Promise.reject(new EnclaveError("EXITED", "It ended")) : open(...values),
      ...{ chainId: 31_337n, orderEscrow: ESCROW, node: 1 },
    });
    shop = new Workshop({ database, secrets: opener, checkManifest: () => withSecrets() });
    shop.chain.set(7);
    shop.start();
  }
  afterEach(async () => {
    await shop.stop();
    rmSync(folder, { recursive: true });
  });

  const put = (version = 1, value = VALUE): boolean =>
    secrets.put(NAME, "db", version, [sealed("password", value, { version }), sealed("user", "alice", { version })]);

  const codeOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      return (error as Problem).code;
    }
    return "nothing";
  };

  it("reach the driver opened, are overwritten then, and are nowhere else in the clear", async () => {
    await shop.stop();
    begin(join(folder, "gateway.db"));
    put();
    const { id } = await shop.deploy(7, A);
    await shop.reach(id, "ready");
    expect(shop.orchestrator.secretsSeen).to.deep.equal([{ "db/password": VALUE, "db/user": "alice" }]);
    expect(opened.map((value) => value.every((byte) => byte === 0))).to.deep.equal([true, true]);
    const everything = [
      ...readdirSync(folder).map((file) => readFileSync(join(folder, file))),
      Buffer.from(shop.logged.join("")),
      Buffer.from(JSON.stringify(shop.machine.events.after(NAME, 0, 100))),
    ];
    expect(everything.length).to.be.greaterThan(3);
    for (const form of [VALUE, Buffer.from(VALUE).toString("base64"), Buffer.from(VALUE).toString("hex")]) {
      expect(everything.some((each) => each.includes(form))).to.equal(false);
    }
  });

  it("are for deployments of those who may use them: others get no application that refers to one", async () => {
    put();
    const asked = { order: 7, terms: NAME.terms, url: A, sha256: sha256Of(A) };
    const { signal } = new AbortController();
    const refused = await problemOf(tryOut(shop.machine, { ...asked, mayUseSecrets: false }, signal));
    expect([refused.code, refused.detail]).to.deep.equal([
      "missing-scope",
      "The manifest refers to secrets, db: deploying it needs the scope secrets beside deploy",
    ]);
    const { deployment } = await shop.send(shop.request(7, A), false);
    await shop.reach(deployment.id, "failed");
    expect(shop.machine.deployments.find(deployment.id)?.failure?.code).to.equal("missing-scope");
    expect(opened).to.deep.equal([]);
    expect(await tryOut(shop.machine, { ...asked, mayUseSecrets: true }, signal)).to.deep.equal(withSecrets());
  });

  it("are not used by a deployment that stands, for somebody who may not: theirs is another, and so is the user's after it", async () => {
    put();
    const [theirs, own] = await Promise.all([false, true].map(async (may) => shop.send(shop.request(7, A), may)));
    expect([theirs?.isNew, own?.isNew]).to.deep.equal([true, true]);
    await shop.reach(own!.deployment.id, "ready");
    expect((await shop.send(shop.request(7, A), false)).deployment.id).to.equal(own!.deployment.id);
    put(2);
    const newer = await shop.send(shop.request(7, A), false);
    await shop.reach(newer.deployment.id, "failed");
    expect(shop.machine.deployments.find(newer.deployment.id)?.failure?.code).to.equal("missing-scope");
    expect(shop.orchestrator.secretsSeen).to.have.length(1);
  });

  it("are blanked in what a driver says while it holds them", async () => {
    put();
    const base64 = Buffer.from(VALUE).toString("base64");
    shop.orchestrator.fail("apply", new OrchestratorError("refused", `no such user ${VALUE}, or ${base64}`));
    const { id } = await shop.deploy(7, A);
    await shop.reach(id, "failed");
    expect(shop.machine.deployments.find(id)?.failure).to.include({
      code: "orchestrator-refused",
      detail: "no such user [secret], or [secret]",
    });
    shop.orchestrator.fail("apply", new Error(`at ${VALUE}`), 2);
    const next = await shop.deploy(7, A);
    await shop.reach(next.id, "ready");
    const told = shop.logged.join("") + JSON.stringify(shop.machine.events.after(NAME, 0, 100));
    expect(told).not.to.contain(VALUE).and.not.to.contain(base64);
  });

  it("that lack are all named before anything is applied", async () => {
    secrets.put(NAME, "db", 1, [sealed("other", "x")]);
    const { id } = await shop.deploy(7, A);
    await shop.reach(id, "failed");
    const failure = shop.machine.deployments.find(id)?.failure;
    expect(failure?.code).to.equal("secret-not-found");
    expect(failure?.errors.map(({ path }) => path)).to.deep.equal(["db/password", "db/user"]);
    expect(shop.orchestrator.changes).to.deep.equal([]);
  });

  it("reach the application with the next deployment of the same manifest when they have a new version", async () => {
    put();
    const first = await shop.deploy(7, A);
    await shop.reach(first.id, "ready");
    expect((await shop.deploy(7, A)).id).to.equal(first.id);
    put(2, "another value");
    const second = await shop.deploy(7, A);
    expect(second.id).not.to.equal(first.id);
    await shop.reach(second.id, "ready");
    expect(shop.orchestrator.secretsSeen.at(-1)?.["db/password"]).to.equal("another value");
    expect(shop.orchestrator.changes).to.have.length(2);
  });

  it("are waited for while the enclave does not answer", async () => {
    put();
    open = undefined;
    const { id } = await shop.deploy(7, A);
    for (let i = 0; i < 10; i++) {
      shop.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(shop.orchestrator.changes).to.deep.equal([]);
    open = inEnclave;
    await shop.reach(id, "ready");
  });

  for (const [what, changes] of Object.entries<Partial<SecretUse>>({
    "another chain": { chainId: 1n },
    "another escrow": { orderEscrow: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512" },
    "another node": { nodeId: 2n },
    "another order": { orderId: 8n },
    "other terms": { terms: termsOf("other") },
    "another name": { name: "other" },
    "another key": { key: "user" },
    "another version": { version: 2 },
  })) {
    it(`that were sealed for ${what} do not open`, async () => {
      secrets.put(NAME, "db", 1, [sealed("password", VALUE, changes), sealed("user", "alice")]);
      const { id } = await shop.deploy(7, A);
      await shop.reach(id, "failed");
      expect(shop.machine.deployments.find(id)?.failure?.code).to.equal("secret-not-opened");
      expect(shop.machine.deployments.find(id)?.failure?.detail).to.equal("Key password of secret db: OTHER_CONTEXT");
      expect(shop.orchestrator.changes).to.deep.equal([]);
    });
  }

  it("take only newer versions, and the same again", () => {
    const values = [sealed("password", VALUE)];
    expect(secrets.put(NAME, "db", 5, values)).to.equal(true);
    expect(secrets.put(NAME, "db", 5, values)).to.equal(false);
    for (const version of [5, 4]) expect(codeOf(() => put(version))).to.equal("secret-version-used");
    secrets.delete(NAME, "db");
    expect(codeOf(() => secrets.put(NAME, "db", 5, values))).to.equal("secret-version-used");
    expect(put(6)).to.equal(true);
  });

  it("are listed by name, version and keys alone, and are gone when deleted", () => {
    put(3);
    expect(secrets.list(NAME)).to.deep.equal([{ name: "db", version: 3, keys: ["password", "user"], changedAt: 1 }]);
    expect(secrets.list({ ...NAME, terms: termsOf("another") })).to.deep.equal([]);
    secrets.delete(NAME, "db");
    expect(secrets.list(NAME)).to.deep.equal([]);
    expect(shop.database.all("SELECT * FROM secret_entry")).to.deep.equal([]);
    expect(
      codeOf(() => {
        secrets.delete(NAME, "db");
      }),
    ).to.equal("secret-not-found");
  });

  it("are bounded in size and number, and what is too much changes nothing", () => {
    put();
    const bytes = (size: number): { key: string; sealed: Uint8Array } => ({ key: "k", sealed: new Uint8Array(size) });
    expect(codeOf(() => secrets.put(NAME, "db", 2, [bytes(70_000)]))).to.equal("secret-too-large");
    const many = Array.from({ length: 33 }, (_, i) => ({ key: `k${String(i)}`, sealed: new Uint8Array(1) }));
    expect(codeOf(() => secrets.put(NAME, "db", 2, many))).to.equal("secret-too-large");
    for (let i = 0; i < 7; i++) secrets.put(NAME, `s${String(i)}`, 1, [bytes(66_000)]);
    expect(codeOf(() => secrets.put(NAME, "db", 2, [bytes(66_000)]))).to.equal("secret-too-large");
    for (let i = 7; i < 31; i++) secrets.put(NAME, `s${String(i)}`, 1, [bytes(1)]);
    expect(codeOf(() => secrets.put(NAME, "one-too-many", 1, [bytes(1)]))).to.equal("secret-too-large");
    expect(secrets.versionOf(NAME, "db")).to.equal(1);
    expect(secrets.list(NAME)).to.have.length(32);
  });
});
