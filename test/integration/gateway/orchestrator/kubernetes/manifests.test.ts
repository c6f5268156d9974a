import { expect } from "chai";
import json5 from "json5";
import { parseAllDocuments } from "yaml";

import { readFiles } from "../../../../../scripts/checks/files.ts";
import { gatewayConfig } from "../../../../../src/gateway/config/schema.ts";
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

interface PodSpec {
  readonly serviceAccountName: string;
  readonly volumes: { readonly name: string; readonly secret?: { readonly defaultMode: number } }[];
  readonly containers: {
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
  const the = (kind: string): Manifest => {
    const found = manifests.filter((manifest) => manifest.kind === kind);
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
});
