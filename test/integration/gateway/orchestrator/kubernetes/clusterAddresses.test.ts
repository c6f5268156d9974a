import { expect } from "chai";

import { KubernetesOrchestrator } from "../../../../../src/gateway/orchestrator/kubernetes/kubernetesOrchestrator.ts";
import { Names } from "../../../../../src/gateway/orchestrator/kubernetes/names.ts";
import {
  application,
  deployment,
  NO_SECRETS,
  server,
  workload,
} from "../../../../fixtures/gateway/orchestrator/applications.ts";
import { KubernetesApi } from "../../../../fixtures/gateway/orchestrator/kubernetesApi.ts";

const IMAGE = `registry.example/app@sha256:${"1".repeat(64)}`;

/** Blocks of one family, and what pods may not connect to of them. */
interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

describe("the cluster's own addresses", function () {
  let api: KubernetesApi;

  beforeEach(async function () {
    api = await KubernetesApi.start();
    const addresses = (name: string, ...all: [type: string, address: string][]) => {
      const status = { addresses: all.map(([type, address]) => ({ type, address })) };
      api.put(`/api/v1/nodes/${name}`, { metadata: { name }, status });
    };
    addresses("one", ["InternalIP", "10.0.0.4"], ["ExternalIP", "198.51.100.4"], ["Hostname", "one"]);
    addresses("two", ["ExternalIP", "198.51.100.5"], ["ExternalIP", "2001:db8::5"]);
    addresses("three", ["ExternalIP", "198.51.100.6"]);
    const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    const slice = (name: string, of: string, address: string) => {
      const labels = { "kubernetes.io/service-name": of };
      api.put(`${slices}/${name}`, { metadata: { name, labels }, endpoints: [{ addresses: [address] }] });
    };
    slice("kubernetes", "kubernetes", "192.0.3.7");
    slice("other", "other", "192.0.3.8");
    api.put(`${slices}/empty`, {
      metadata: { name: "empty", labels: { "kubernetes.io/service-name": "kubernetes" } },
      endpoints: null,
    });
  });

  afterEach(async function () {
    await api.close();
    expect(api.faults).to.deep.equal([]);
  });

  /** The blocks that an order's pods may connect to, once it is applied. */
  async function applied(revision = "a", closedAddresses: readonly string[] = []): Promise<Block[]> {
    const orchestrator = new KubernetesOrchestrator(api.cluster, {
      ...{ gateway: "one", placements: {}, closedAddresses },
      registries: { fetch: () => Promise.reject(new Error("no registry")), named: [] },
    });
    await orchestrator.apply({ ...deployment(7, application(workload(server(IMAGE)))), revision }, NO_SECRETS);
    const namespace = `namespaces/${new Names("one").namespace(7)}`;
    const policy = api.objects.get(`/apis/networking.k8s.io/v1/${namespace}/networkpolicies/allow-needed`);
    const { egress } = policy?.["spec"] as { egress: { to: { ipBlock?: Block }[] }[] };
    return egress.flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []));
  }

  it("are closed to its applications: those of nodes and of the API server, public ones too", async function () {
    const [four, six] = await applied();
    for (const address of ["198.51.100.4", "198.51.100.5", "198.51.100.6", "192.0.3.7"]) {
      expect(four?.except, address).to.include(`${address}/32`);
    }
    expect(six?.except).to.include("2001:db8::5/128");
    expect([four?.cidr, six?.cidr]).to.deep.equal(["0.0.0.0/0", "::/0"]);
    expect(JSON.stringify([four, six]))
      .to.not.include("192.0.3.8")
      .and.not.include("one");
  });

  it("are not named twice where they are closed to everybody", async function () {
    const [four] = await applied();
    expect(four?.except).to.include("10.0.0.0/8").and.not.include("10.0.0.4/32").and.not.include("127.0.0.1/32");
  });

  it("are read again with each deployment", async function () {
    await applied();
    api.put("/api/v1/nodes/four", {
      metadata: { name: "four" },
      status: { addresses: [{ type: "ExternalIP", address: "198.51.100.77" }] },
    });
    expect((await applied("b"))[0]?.except).to.include("198.51.100.77/32");
  });

  it("are those of the configuration besides, blocks among them", async function () {
    const [four, six] = await applied("a", ["203.0.113.0/24", "203.0.114.9", "2001:db8:1::/48", "10.1.0.0/16"]);
    expect(four?.except).to.include.members(["203.0.113.0/24", "203.0.114.9/32"]).and.not.include("10.1.0.0/16");
    expect(six?.except).to.include("2001:db8:1::/48");
  });

  it("are those of the configuration alone where the account may not see them, and nothing is applied while they cannot be read", async function () {
    api.before = (_verb, path) =>
      /nodes$|endpointslices$/.test(path) ? { status: 403, reason: "Forbidden" } : undefined;
    const [four] = await applied("a", ["203.0.113.9"]);
    expect(four?.except).to.include("203.0.113.9/32").and.not.include("198.51.100.4/32");
    api.before = (_verb, path) => (path.endsWith("nodes") ? { status: 500, reason: "InternalError" } : undefined);
    const patches = () => api.requests.filter((each) => each.startsWith("patch")).length;
    const before = patches();
    await applied("b").then(
      () => expect.fail("it was applied"),
      () => undefined,
    );
    expect(patches()).to.equal(before);
  });
});
