import { expect } from "chai";
import json5 from "json5";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

import { overridesOf } from "../../../../src/service/config/environment.ts";
import { loadGatewayConfig } from "../../../../src/gateway/config/load.ts";
import { gatewayConfig } from "../../../../src/gateway/config/schema.ts";
import { readSecret, Secret } from "../../../../src/service/config/secret.ts";
import { InputError } from "../../../../src/inputError.ts";

const EXAMPLE = join(import.meta.dirname, "../../../../docs/gateway.json5");
const PREFIX = "COMPUTING_POWER_GATEWAY_";

/** What a gateway needs at the least. */
const LEAST = {
  node: 1,
  chain: { rpc: ["http://127.0.0.1:8545"], addresses: "addresses.json" },
  origin: "http://127.0.0.1:8900",
  units: { "1": { cpu: "1", memory: "1Gi", disk: "1Gi" } },
};

describe("The gateway's configuration", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gateway-config-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function load(value: object | string = LEAST, environment: Record<string, string> = {}) {
    const file = join(folder, "gateway.json5");
    writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
    return loadGatewayConfig({ file, environment });
  }

  /** What a configuration is refused with. */
  function refusal(value: object | string, environment: Record<string, string> = {}): string {
    try {
      load(value, environment);
    } catch (error) {
      expect(error).to.be.instanceOf(InputError);
      return inspect(error);
    }
    throw new Error("it was taken");
  }

  it("has an example that is one, and that explains every field", () => {
    expect(loadGatewayConfig({ file: EXAMPLE, environment: {} }).node).to.equal(1);
    const text = readFileSync(EXAMPLE, "utf8");
    const value: unknown = json5.parse(text);
    const missing = overridesOf(gatewayConfig, "gateway")
      .map(({ path }) => path)
      .filter((path) => {
        const fields = path.reduce<unknown>(
          (each, name) => (each as Record<string, unknown> | undefined)?.[name],
          value,
        );
        // Alternatives exclude each other, so some stand in a comment.
        return fields === undefined && !new RegExp(`//.*\\b${path.at(-1) ?? ""}\\b`).test(text);
      });
    expect(missing.map((path) => path.join("."))).to.deep.equal([]);
  });

  it("takes no certificates without https of the CA and consent to its terms", () => {
    const acme = { directory: "https://ca.example/directory", termsAgreed: true };
    expect(load({ ...LEAST, acme }).acme).to.deep.include({ httpPort: 80, namesPerOrder: 10, contact: [] });
    for (const [changes, fault] of [
      [{ directory: "http://ca.example/directory" }, "acme.directory"],
      [{ termsAgreed: false }, "acme.termsAgreed: agree"],
      [{ termsAgreed: undefined }, "acme.termsAgreed"],
      [{ contact: ["nobody"] }, "acme.contact.0"],
      [{ namesPerOrder: -1 }, "acme.namesPerOrder"],
      [{ limits: { hour: 0 } }, "acme.limits.hour"],
    ] as const) {
      expect(refusal({ ...LEAST, acme: { ...acme, ...changes } }), fault).to.include(fault);
    }
    const prefix = `${PREFIX}ACME_`;
    const environment = {
      [`${prefix}DIRECTORY`]: acme.directory,
      [`${prefix}TERMS_AGREED`]: "true",
      [`${prefix}LIMITS_HOUR`]: "3",
    };
    expect(load(LEAST, environment).acme?.limits).to.include({ hour: 3, orderHour: 5 });
  });

  it("has no page of the market unless it names endpoints for it, which browsers reach", () => {
    expect(load().market).to.equal(undefined);
    const publicRpcUrls = ["https://rpc.example", "http://127.0.0.1:8545"];
    expect(load({ ...LEAST, market: { publicRpcUrls } }).market).to.deep.equal({ publicRpcUrls });
    const measurements = { [`0x${"AB".repeat(32)}`]: "Sample enclave 1.0" };
    expect(load({ ...LEAST, market: { publicRpcUrls, measurements } }).market?.measurements).to.deep.equal({
      [`0x${"ab".repeat(32)}`]: "Sample enclave 1.0",
    });
    for (const [market, fault] of [
      [{ publicRpcUrls, measurements: { "0xab": "Sample enclave" } }, "market.measurements"],
      [{ publicRpcUrls, measurements: { [`0x${"ab".repeat(32)}`]: "\u202eevil" } }, "not a name of up to 60 letters"],
      [{}, "market.publicRpcUrls"],
      [{ publicRpcUrls: [] }, "market.publicRpcUrls"],
      [{ publicRpcUrls: ["http://rpc.example"] }, "market.publicRpcUrls.0: not an endpoint that browsers reach"],
      [{ publicRpcUrls: ["wss://rpc.example"] }, "market.publicRpcUrls.0"],
      [true, "market: "],
    ] as const) {
      expect(refusal({ ...LEAST, market }), fault).to.include(fault);
    }
  });

  it("takes one place of the enclave program, and not two", () => {
    for (const enclave of [
      { socket: "/run/e.sock" },
      { program: ["/opt/run", "-v"] },
      { keyFile: "key.json", believes: "host" },
      {},
    ]) {
      expect(load({ ...LEAST, enclave }).enclave).to.deep.equal(enclave);
    }
    const refused = refusal({ ...LEAST, enclave: { socket: "/run/e.sock", keyFile: "key.json" } });
    expect(refused).to.include("enclave: name one of `socket`, `program` and `keyFile`");
    for (const enclave of [
      { keyFile: "key.json" },
      { socket: "/run/e.sock", believes: "host" },
      { believes: "host" },
    ]) {
      expect(refusal({ ...LEAST, enclave })).to.include("enclave: say in `believes` whom");
    }
    expect(load(LEAST, { [`${PREFIX}ENCLAVE_SOCKET`]: "/run/e.sock" }).enclave.socket).to.equal("/run/e.sock");
  });

  it("fills in what is left out", () => {
    const config = load();
    expect(config.listen).to.deep.equal({ host: "127.0.0.1", port: 8900, trustedProxies: [] });
    expect(config.chain).to.include({ confirmations: 3, maxBlockAge: 120 });
    expect(config.limits.login).to.deep.equal({ perSecond: 0.2, burst: 10 });
    expect(config.fetch.allowLoopback).to.equal(false);
  });

  it("says all that is wrong at once, with where", () => {
    const text = refusal({
      ...LEAST,
      node: 0,
      origin: "https://node.example/",
      listen: { port: 70_000, tls: {} },
      colour: "red",
    });
    for (const part of [
      "node:",
      "origin:",
      "listen.port:",
      "listen.tls.cert:",
      "listen.tls.key:",
      "colour",
      "6 faults",
    ]) {
      expect(text).to.include(part);
    }
  });

  it("never shows what was written, which may be a secret in the wrong place", () => {
    for (const secret of ["SWORDFISH", { value: "SWORDFISH" }, { file: "a", env: "SWORDFISH" }]) {
      expect(refusal({ ...LEAST, providerKey: secret }))
        .to.include("providerKey")
        .and.not.include("SWORDFISH");
    }
    expect(refusal('{ providerKey: "SWORDFISH" oops }')).to.include("line 1").and.not.include("SWORDFISH");
    expect(refusal(LEAST, { [`${PREFIX}CHAIN_RPC`]: "[SWORDFISH" }))
      .to.include("CHAIN_RPC")
      .and.not.include("SWORDFISH");
  });

  it("says what cannot be read", () => {
    expect(() => loadGatewayConfig({ file: join(folder, "none.json5"), environment: {} })).to.throw(
      InputError,
      "none.json5",
    );
  });

  describe("with variables", () => {
    it("takes each over its file", () => {
      const config = load(LEAST, {
        [`${PREFIX}NODE`]: "7",
        [`${PREFIX}LISTEN_PORT`]: "9000",
        [`${PREFIX}LISTEN_TLS_CERT`]: "c.pem",
        [`${PREFIX}LISTEN_TLS_KEY`]: "k.pem",
        [`${PREFIX}LISTEN_TRUSTED_PROXIES`]: '["10.0.0.0/8"]',
        [`${PREFIX}CHAIN_MAX_BLOCK_AGE`]: "30",
        [`${PREFIX}FETCH_ALLOW_LOOPBACK`]: "true",
        [`${PREFIX}LIMITS_LOGIN_PER_SECOND`]: "0.5",
        [`${PREFIX}UNITS`]: '{"2":{"cpu":"2","memory":"2Gi","disk":"2Gi"}}',
        [`${PREFIX}DATA`]: "",
        PATH: "/bin",
      });
      expect(config).to.deep.include({ node: 7, data: "gateway", fetch: { allowLoopback: true } });
      expect(config.listen).to.deep.equal({
        ...{ host: "127.0.0.1", port: 9000, trustedProxies: ["10.0.0.0/8"] },
        tls: { cert: "c.pem", key: "k.pem" },
      });
      expect(config.chain.maxBlockAge).to.equal(30);
      expect(config.limits.login).to.deep.equal({ perSecond: 0.5, burst: 10 });
      expect(Object.keys(config.units)).to.deep.equal(["2"]);
    });

    it("needs no file", () => {
      const environment = {
        [`${PREFIX}NODE`]: "1",
        [`${PREFIX}CHAIN_RPC`]: '["https://rpc.example"]',
        [`${PREFIX}CHAIN_ADDRESSES`]: "a.json",
        [`${PREFIX}ORIGIN`]: "https://node.example",
        [`${PREFIX}UNITS`]: "{}",
      };
      expect(loadGatewayConfig({ environment }).origin).to.equal("https://node.example");
    });

    it("replaces a secret's place, and adds to a driver's fields", () => {
      const file = { ...LEAST, providerKey: { env: "KEY" }, orchestrator: { kind: "podman" } };
      const config = load(file, {
        [`${PREFIX}PROVIDER_KEY_FILE`]: "/run/key",
        [`${PREFIX}ORCHESTRATOR_SOCKET`]: "/run/podman.sock",
        [`${PREFIX}ORCHESTRATOR_IMAGES`]: '["localhost/base:1"]',
      });
      expect(config.providerKey).to.deep.equal({ file: "/run/key" });
      const driver = { kind: "podman", socket: "/run/podman.sock", images: ["localhost/base:1"] };
      expect(config.orchestrator).to.deep.equal(driver);
      expect(load(LEAST, {}).orchestrator, "none of the host's images").to.deep.equal({ kind: "podman", images: [] });
      expect(file.providerKey, "the file's own").to.deep.equal({ env: "KEY" });
    });

    it("refuses variables of no field, and values of another form", () => {
      const text = refusal(LEAST, {
        [`${PREFIX}LISTEN_PROT`]: "1",
        [`${PREFIX}NODE`]: "seven",
        [`${PREFIX}FETCH_ALLOW_LOOPBACK`]: "yes",
        [`${PREFIX}LISTEN_PORT`]: "0x50",
      });
      for (const part of ["LISTEN_PROT", "node:", "fetch.allowLoopback:", "listen.port:", "4 faults"])
        expect(text).to.include(part);
    });

    it("has one of each field, each of its own", () => {
      const overrides = overridesOf(gatewayConfig, "gateway");
      expect(new Set(overrides.map(({ path }) => path.join("."))).size).to.equal(overrides.length);
      expect(overrides.map(({ variable }) => variable)).to.include.members([
        `${PREFIX}ORCHESTRATOR_KIND`,
        `${PREFIX}WEBHOOK_SECRET_FILE`,
        `${PREFIX}GRACE_RUNNING`,
      ]);
    });
  });

  describe("with secrets", () => {
    function fileOf(text: string, mode: number): string {
      const file = join(folder, "secret");
      writeFileSync(file, text);
      chmodSync(file, mode);
      return file;
    }

    it("reads them from files that others cannot use, and from variables", () => {
      for (const mode of [0o400, 0o600, 0o440, 0o640]) {
        expect(readSecret("providerKey", { file: fileOf("swordfish\n", mode) }, {}).reveal()).to.equal("swordfish");
        rmSync(join(folder, "secret"));
      }
      expect(readSecret("providerKey", { env: "KEY" }, { KEY: "swordfish" }).reveal()).to.equal("swordfish");
    });

    it("refuses files that others can read, write or run", () => {
      for (const mode of [0o604, 0o602, 0o601, 0o620, 0o644, 0o666]) {
        expect(() => readSecret("providerKey", { file: fileOf("swordfish", mode) }, {}), mode.toString(8))
          .to.throw(InputError, "chmod 600")
          .that.satisfies((error: Error) => !inspect(error).includes("swordfish"));
      }
    });

    it("refuses what is not there, or empty", () => {
      expect(() => readSecret("key", { file: join(folder, "none") }, {})).to.throw(InputError, "none");
      expect(() => readSecret("key", { file: fileOf(" \n", 0o600) }, {})).to.throw(InputError, "empty");
      expect(() => readSecret("key", { env: "KEY" }, {})).to.throw(InputError, "KEY");
    });

    it("shows them nowhere", () => {
      const secret = new Secret("swordfish");
      for (const text of [
        String(secret),
        JSON.stringify({ secret }),
        inspect({ secret }, { depth: 9, showHidden: true }),
      ]) {
        expect(text).to.not.include("swordfish");
      }
    });
  });
});
