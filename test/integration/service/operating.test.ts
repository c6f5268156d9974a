import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { expect } from "chai";
import json5 from "json5";
import { parseAllDocuments } from "yaml";

import { loadProviderConfig } from "../../../src/provider/config/load.ts";
import { loadValidatorConfig } from "../../../src/validator/config/load.ts";
import { SEAT_TAKEN } from "../../../src/validator/guard/seatTaken.ts";
import { listFiles, readFiles, root } from "../../../scripts/checks/files.ts";

/** Seconds that a cluster waits at most before it starts a container again. */
const LONGEST_BACKOFF = 300;
const PROGRAM = "/usr/local/bin/computing-power";
const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

/** What systemd is to start. */
const units = listFiles("deploy/systemd", ".service").map((path) => {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, start: /^ExecStart=(.*)$/m.exec(text)?.[1] ?? "" };
});

/** What a unit gives its service: folders, and secrets; those of a line that is left out by default as well. */
function placesOf(unit: string): string[] {
  const { text = "" } = units.find(({ path }) => path.endsWith(`/${unit}.service`)) ?? {};
  const of = (setting: string): string[] => {
    return [...text.matchAll(new RegExp(`^(?:# )?${setting}=-?([^:\\s]+)`, "gm"))].map(([, value = ""]) => value);
  };
  return [
    ...of("StateDirectory").map((folder) => `/var/lib/${folder}`),
    ...of("CacheDirectory").map((folder) => `/var/cache/${folder}`),
    ...of("RuntimeDirectory").map((folder) => `/run/${folder}`),
    ...of("LoadCredential").map((name) => `/run/credentials/${unit}.service/${name}`),
    ...of("ReadWritePaths"),
  ];
}

/** What of a manifest says where a service keeps its state. */
interface StatefulManifest {
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly {
          readonly name: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
          readonly volumeMounts: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}

/** The texts in a configuration. */
function placesIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(placesIn) : [];
}

describe("what services are operated with", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "operating-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("are units that systemd takes", function () {
    if (!isThere("systemd-analyze")) this.skip();
    const program = join(folder, "computing-power");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    const files = units.map(({ path, text }) => {
      const file = join(folder, basename(path));
      writeFileSync(file, text.replaceAll(PROGRAM, program));
      return file;
    });
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", ...files], { encoding: "utf8" });
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
  });

  it("start commands that the program has, each as a unit of its own", () => {
    const help = execFileSync(process.execPath, [join(root, "src/main.ts"), "--help"], { encoding: "utf8" });
    const commands = units.map(({ start }) => start.split(" ").slice(0, 2));
    expect(commands.map(([program]) => program)).to.deep.equal(units.map(() => PROGRAM));
    expect(commands.map(([, name]) => name).sort()).to.deep.equal(["enclave", "gateway", "provider", "validator"]);
    for (const [, name = ""] of commands) expect(help).to.match(new RegExp(`^  ${name} --`, "m"));
  });

  it("give every key as a credential, and start again for as long as it takes", () => {
    for (const { path, text } of units) {
      expect(text, path).to.include("\nRestart=always\n");
      expect(text, path).not.to.match(/^Environment=.*KEY/m);
      if (!path.includes("enclave")) expect(text, path).to.include("\nLoadCredential=");
    }
    expect(units.find(({ path }) => path.includes("gateway"))?.text).to.include("\nKillMode=process\n");
  });

  it("keep what signs or sends to one program: gateway and provider in one folder, validators in their own, and so do the manifests", () => {
    const state = /^Environment=COMPUTING_POWER_STATE=(.*)$/m;
    for (const { path, text } of units) {
      const service = /-(\w+)\.service$/.exec(path)?.[1] ?? "";
      const folders: Readonly<Record<string, string>> = {
        gateway: "provider",
        provider: "provider",
        validator: "validator",
      };
      const folder = folders[service];
      expect(state.exec(text)?.[1], path).to.equal(folder && `/var/lib/computing-power/${folder}`);
      if (folder === service) expect(text, path).to.include(`\nStateDirectory=computing-power/${folder}\n`);
    }
    const places = readFiles("deploy/kubernetes", ".yaml")
      .flatMap(({ text }) => parseAllDocuments(text).map((each) => each.toJS() as StatefulManifest | null))
      .flatMap((manifest) => manifest?.spec?.template?.spec.containers ?? [])
      .filter(({ name }) => ["gateway", "provider", "validator"].includes(name))
      .map(({ name, env = [], volumeMounts }) => {
        const place = env.find((each) => each.name === "COMPUTING_POWER_STATE")?.value ?? "nowhere";
        return [name, volumeMounts.some(({ mountPath }) => place.startsWith(`${mountPath}/`))];
      });
    expect(Object.fromEntries(places)).to.deep.equal({ gateway: true, provider: true, validator: true });
  });

  for (const service of ["gateway", "provider", "validator"]) {
    it(`let the ${service} read and write where its example of a configuration says`, () => {
      const text = readFileSync(join(root, `docs/${service}.json5`), "utf8");
      const example = json5.parse<object>(text);
      const named = placesIn(example).filter(
        (place) => /^\/(?:run|var|srv)\//.test(place) && !place.includes("/public/"),
      );
      expect(named).to.not.be.empty;
      const places = placesOf(`computing-power-${service}`);
      if (service !== "validator")
        places.push(...placesOf("computing-power-enclave"), ...placesOf("computing-power-provider"));
      for (const place of named) {
        const isWithin = places.some((each) => place === each || place.startsWith(`${each}/`));
        expect(isWithin, `${place} is in none of ${places.join(", ")}`).to.equal(true);
      }
    });
  }

  it("are tried on a devnet with configurations that the services take", () => {
    const [, after = ""] = readFileSync(join(root, "docs/operate.md"), "utf8").split("\n## On a devnet\n");
    const section = after.split("\n## ")[0] ?? "";
    const files = [...section.matchAll(/^```json5\n(.*?)^```$/gms)].map(([, text = ""], index) => {
      const file = join(folder, `${String(index)}.json5`);
      writeFileSync(file, text);
      return file;
    });
    expect(files).to.have.length(2);
    const [provider, validator] = files;
    expect(loadProviderConfig({ file: provider, environment: {} }).nodes.map(({ id }) => id)).to.deep.equal([1]);
    expect(loadValidatorConfig({ file: validator, environment: {} }).peers).to.have.length(0);
  });

  it("leave it to a person which of two processes with one validator's key is started again", () => {
    for (const { path, text } of units) {
      const codes = [...text.matchAll(/^RestartPreventExitStatus=(.*)$/gm)].map(([, code]) => code);
      expect(codes, path).to.deep.equal(path.includes("validator") ? [String(SEAT_TAKEN)] : []);
    }
    const [pod] = readFiles("deploy/kubernetes/validator", ".yaml");
    const [set] = parseAllDocuments(pod?.text ?? "").map(
      (each) =>
        each.toJS() as {
          spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
        },
    );
    const environment = set?.spec.template.spec.containers[0]?.env ?? [];
    const seconds = environment.find(({ name }) => name.endsWith("_DOPPELGANGER_SECONDS"))?.value;
    expect(Number(seconds)).to.be.greaterThan(LONGEST_BACKOFF);
  });

  it("watch the ports that the examples of configurations have", () => {
    const [scrape] = readFiles("deploy/prometheus", "scrape.yaml");
    const { scrape_configs: jobs } = parseAllDocuments(scrape?.text ?? "")[0]?.toJS() as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    for (const service of ["provider", "validator"]) {
      const example = json5.parse<{ status: { host: string; port: number } }>(
        readFileSync(join(root, `docs/${service}.json5`), "utf8"),
      );
      const job = jobs.find(({ job_name: name }) => name === `computing-power-${service}`);
      const { host, port } = example.status;
      expect(job?.static_configs[0]?.targets).to.deep.equal([`${host}:${String(port)}`]);
    }
  });

  it("wake somebody by metrics that there are", () => {
    const [alerts] = readFiles("deploy/prometheus", "alerts.yaml");
    const { groups } = parseAllDocuments(alerts?.text ?? "")[0]?.toJS() as {
      groups: { rules: { alert: string; expr: string; labels: { severity: string } }[] }[];
    };
    const source = [...readFiles("src/service", ".ts"), ...readFiles("src/gateway/http", ".ts")]
      .map(({ text }) => text)
      .join("\n");
    const rules = groups.flatMap((group) => group.rules);
    const named = rules.flatMap(({ expr }) => expr.match(/\b(?:gateway|computing_power)_\w+/g) ?? []);
    expect(new Set(named).size).to.equal(4);
    for (const name of named) expect(source).to.include(`name: "${name}"`);
    expect(rules.map(({ labels }) => labels.severity)).to.include.members(["critical", "warning"]);
    if (isThere("promtool")) {
      execFileSync("promtool", ["check", "rules", join(root, "deploy/prometheus/alerts.yaml")], { stdio: "pipe" });
    }
  });
});
