import { expect } from "chai";
import json5 from "json5";
import { parseAllDocuments } from "yaml";

import { readFiles } from "../../../../../scripts/checks/files.ts";
import { gatewayConfig } from "../../../../../src/gateway/config/schema.ts";
import { overridesOf } from "../../../../../src/service/config/environment.ts";
import { providerConfig } from "../../../../../src/provider/config/schema.ts";
import { NEEDED } from "../../../../../src/gateway/orchestrator/kubernetes/check.ts";

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: Rule[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
    readonly strategy?: object;
    readonly replicas?: number;
  };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly volumes: { readonly name: string; readonly secret?: { readonly defaultMode: number } }[];
  readonly containers: {
    readonly name: string;
    readonly args?: string[];
    readonly env?: { readonly name: string; readonly value: string }[];
    readonly startupProbe?: Probe;
    readonly livenessProbe?: Probe;
    readonly readinessProbe?: Probe;
    readonly securityContext: object;
    readonly command: string[];
    readonly ports: { readonly containerPort: number }[];
    readonly volumeMounts: { readonly name: string; readonly mountPath: string }[];
  }[];
}

describe("the manifests for the gateway itself", () => {
  const manifests = readFiles("deploy/kubernetes", ".yaml").flatMap(({ path, text }) =>
    parseAllDocuments(text).map((document) => {
      expect(document.errors, path).to.deep.equal([]);
      return document.toJS() as Manifest;
    }),
  );
  const the = (kind: string, name?: string): Manifest => {
    const named = manifests.filter(({ metadata }) => name === undefined || metadata.name === name);
    const found = named.filter((manifest) => manifest.kind === kind);
    expect(found, kind).to.have.lengthOf(1);
    return found[0]!;
  };
  const configuration = () => gatewayConfig.parse(json5.parse(the("ConfigMap").data?.["gateway.json5"] ?? ""));
  const pod = (): PodSpec => the("Deployment").spec!.template!.spec;

  it("give the gateway's account exactly what the driver needs", () => {
    const optional = [
      ["node.k8s.io", "runtimeclasses", "get"],
      ["metrics.k8s.io", "pods", "list"],
    ];
    const needed = NEEDED.flatMap(([group, resource, verbs]) => verbs.map((verb) => [group, resource, verb]));
    const given = (the("ClusterRole").rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => [group, resource, verb]))),
    );
    expect(given).to.have.deep.members([...needed, ...optional]);
    expect(pod().serviceAccountName).to.equal(the("ServiceAccount").metadata.name);
  });

  it("have a configuration that a gateway takes, and mount what it names", () => {
    const { chain, data, providerKey, listen } = configuration();
    const [container] = pod().containers;
    const places = container!.volumeMounts.map(({ mountPath }) => mountPath);
    const key = providerKey !== undefined && "file" in providerKey ? providerKey.file : "";
    for (const path of [chain.addresses, data, key, container!.command.at(-1)!]) {
      expect(
        places.some((place) => path === place || path.startsWith(`${place}/`)),
        path,
      ).to.equal(true);
    }
    expect(container!.ports.map(({ containerPort }) => containerPort)).to.deep.equal([listen.port]);
  });

  it("let one gateway at a time have the database, and only its group read the key", () => {
    expect(the("Deployment").spec).to.deep.include({ replicas: 1, strategy: { type: "Recreate" } });
    const modes = pod().volumes.flatMap(({ secret }) => secret?.defaultMode ?? []);
    expect(modes).to.deep.equal([0o440]);
  });

  describe("and the provider service", () => {
    const spec = () =>
      the("StatefulSet", "provider").spec as Manifest["spec"] & {
        readonly volumeClaimTemplates: { readonly metadata: { readonly name: string } }[];
      };
    const parts = () => {
      const [provider, enclave] = spec().template!.spec.containers;
      return { provider: provider!, enclave: enclave!, claims: spec().volumeClaimTemplates };
    };

    it("keep what it must not lose on volumes, the enclave's apart from its own", () => {
      const { provider, enclave, claims } = parts();
      const names = claims.map(({ metadata }) => metadata.name);
      const placeIn = (mounts: typeof provider.volumeMounts, path: string): string | undefined =>
        mounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`))?.name;
      for (const variable of ["COMPUTING_POWER_STATE", "COMPUTING_POWER_PROVIDER_DATA"]) {
        const value = provider.env?.find(({ name }) => name === variable)?.value ?? "";
        expect(placeIn(provider.volumeMounts, value)).to.equal("provider");
      }
      expect(placeIn(enclave.volumeMounts, enclave.args!.at(-1)!)).to.equal("enclave");
      expect(names).to.deep.equal(["provider", "enclave"]);
      expect(provider.volumeMounts.map(({ name }) => name)).to.not.include("enclave");
      expect(enclave.volumeMounts.map(({ name }) => name)).to.not.include.oneOf(["key", "provider"]);
    });

    it("share the enclave's socket, run one at a time, and are asked at the status port", () => {
      const { provider, enclave } = parts();
      const socket = enclave.command.at(-1)!;
      for (const { volumeMounts, securityContext } of [provider, enclave]) {
        expect(volumeMounts.some(({ mountPath }) => socket.startsWith(`${mountPath}/`))).to.equal(true);
        expect(securityContext).to.deep.include({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
      }
      expect(spec().replicas).to.equal(1);
      const { startupProbe, livenessProbe, readinessProbe, env = [], ports } = provider;
      const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet);
      expect(asked).to.deep.equal(["/healthz", "/healthz", "/readyz"].map((path) => ({ path, port: "status" })));
      const port = env.find(({ name }) => name === "COMPUTING_POWER_PROVIDER_STATUS_PORT")?.value;
      expect(ports.map(({ containerPort }) => String(containerPort))).to.deep.equal([port]);
      const known = overridesOf(providerConfig, "provider").map(({ variable }) => variable);
      expect(known).to.include.members(env.map(({ name }) => name).filter((name) => name !== "COMPUTING_POWER_STATE"));
    });
  });
});
