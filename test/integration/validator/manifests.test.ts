import { expect } from "chai";
import json5 from "json5";
import { parseAllDocuments } from "yaml";

import { readFiles } from "../../../scripts/checks/files.ts";
import { loadValidatorConfig } from "../../../src/validator/config/load.ts";
import { validatorConfig } from "../../../src/validator/config/schema.ts";
import { STATE_VARIABLE } from "../../../src/journal/index.ts";

interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: { readonly httpGet: object };
  readonly readinessProbe: { readonly httpGet: object };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
    readonly volumeClaimTemplates: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly accessModes: readonly string[] };
    }[];
    readonly ports: readonly { readonly targetPort: string }[];
  };
}

describe("The manifests of a validator", () => {
  const manifests = readFiles("deploy/kubernetes/validator", ".yaml").flatMap(({ text }) =>
    parseAllDocuments(text).map((document) => document.toJS() as Manifest),
  );
  const { spec } = manifests.find(({ kind }) => kind === "StatefulSet")!;
  const [container] = spec.template.spec.containers;
  const { env, ports, volumeMounts, command } = container!;
  const valueOf = (name: string): string => env.find((each) => each.name === name)!.value;
  const mountOf = (path: string): string | undefined =>
    volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`))?.name;

  it("have one pod, whose state is on a volume that one pod alone can have", () => {
    expect(spec.replicas).to.equal(1);
    const [claim] = spec.volumeClaimTemplates;
    expect(claim!.spec.accessModes).to.deep.equal(["ReadWriteOncePod"]);
    for (const path of [valueOf(STATE_VARIABLE), valueOf("COMPUTING_POWER_VALIDATOR_DATA")]) {
      expect(mountOf(path), path).to.equal(claim!.metadata.name);
    }
    expect(container!.securityContext).to.include({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(mountOf(command.at(-1)!)).to.equal("config");
  });

  it("override what the service takes, and probe the port where it tells of itself", () => {
    const file = validatorConfig.parse(
      json5.parse(readFiles("docs", ".json5").find(({ path }) => path === "docs/validator.json5")!.text),
    );
    const overrides = env.filter(({ name }) => name !== STATE_VARIABLE).map(({ name, value }) => [name, value]);
    const environment = Object.fromEntries(overrides) as Record<string, string>;
    const config = loadValidatorConfig({ file: "docs/validator.json5", environment });
    expect(config.listen.host).to.equal("0.0.0.0");
    expect(config.status.host).to.equal("0.0.0.0");
    const byName = new Map(ports.map(({ name, containerPort }) => [name, containerPort]));
    expect(byName).to.deep.equal(
      new Map([
        ["http", file.listen.port],
        ["status", file.status.port],
      ]),
    );
    expect(container!.livenessProbe.httpGet).to.deep.equal({ path: "/healthz", port: "status" });
    expect(container!.readinessProbe.httpGet).to.deep.equal({ path: "/readyz", port: "status" });
    const service = manifests.find(({ kind }) => kind === "Service")!;
    expect(service.spec.ports.map(({ targetPort }) => targetPort)).to.deep.equal(["http"]);
  });
});
