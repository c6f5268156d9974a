import { expect } from "chai";
import { Wallet } from "ethers";

import { bytesOf } from "../../../../src/gateway/client/chunks.ts";
import { deploymentForm, eventsForm, faultsForm, linesForm } from "../../../../src/gateway/client/forms.ts";
import { OrderClient, requireAsked } from "../../../../src/gateway/client/orderClient.ts";
import { GatewayError } from "../../../../src/gateway/client/request.ts";

const wallet = new Wallet(`0x${"1".repeat(64)}`);
const gateway = "https://node.example";
const wanted = { url: "https://user.example/app.yaml", sha256: `0x${"ab".repeat(32)}` };
const deployment = {
  ...{ id: 1, state: "ready", url: wanted.url, sha256: "ab".repeat(32), account: wallet.address },
  ...{ requestedAt: 1, changedAt: 1, createdAt: 1, updatedAt: 1, deployedAt: 1 },
};

describe("A client of an order's gateway", () => {
  it("takes a deployment of what was asked for, and of nothing else", () => {
    const checked = (changed: object) => () => {
      requireAsked(gateway, { ...deployment, ...changed }, wanted);
    };
    for (const same of [{}, { sha256: wanted.sha256 }, { sha256: "AB".repeat(32) }]) checked(same)();
    for (const other of [{ url: `${wanted.url}?` }, { sha256: "ba".repeat(32) }, { sha256: "" }]) {
      expect(checked(other), JSON.stringify(other)).to.throw(
        GatewayError,
        "was asked for https://user.example/app.yaml",
      );
    }
  });

  describe("asks the wallet for a token", () => {
    let now: number;
    let tokens: string[];
    let client: OrderClient;
    beforeEach(() => {
      [now, tokens] = [1_700_000_000_000, []];
      const fetch = (async (_url: string, { headers }: RequestInit) => {
        tokens.push(new Headers(headers).get("authorization") ?? "");
        return Promise.resolve(Response.json({ events: [], cursor: "1" }));
      }) as typeof globalThis.fetch;
      const audience = { chainId: 31_337, orderEscrow: wallet.address, node: 7, gateway };
      const options = { audience, order: 7, terms: `0x${"2".repeat(64)}`, account: wallet.address, wallet, fetch };
      client = new OrderClient({ ...options, now: () => now });
    });

    it("once for all that ask at once, and again before it is over", async () => {
      expect(client.canLook).to.equal(false);
      await Promise.all([client.events(), client.events(), client.events()]);
      expect([new Set(tokens).size, client.canLook]).to.deep.equal([1, true]);
      now += 239_000;
      await client.events();
      expect(new Set(tokens).size).to.equal(1);
      now += 2_000;
      expect(client.canLook, "a minute before the end").to.equal(false);
      await client.events();
      expect(new Set(tokens).size).to.equal(2);
    });
  });
});

describe("What a gateway may say of an order", () => {
  const many = <T>(each: T, count: number): T[] => Array.from({ length: count }, () => each);

  it("has cursors that are numbers alone, since they go into commands", () => {
    for (const cursor of ["0", "9".repeat(16)]) {
      expect(eventsForm.safeParse({ events: [], cursor }).success, cursor).to.equal(true);
      expect(linesForm.safeParse({ lines: [], cursor }).success, cursor).to.equal(true);
    }
    for (const cursor of ["", "1 --account 0", "$(id)", "1\n", "-1", "9".repeat(17)]) {
      expect(eventsForm.safeParse({ events: [], cursor }).success, cursor).to.equal(false);
      expect(linesForm.safeParse({ lines: [], cursor }).success, cursor).to.equal(false);
    }
  });

  it("has services by names of manifests, and no more of anything than an order has", () => {
    const application = deploymentForm.shape.application.unwrap();
    const none = { workloads: [], services: [], volumes: [], images: [] };
    const takes = (changed: object): boolean => application.safeParse({ ...none, ...changed }).success;
    const service = (name: string, ports = 1) => ({ name, isPublic: true, ports: many(80, ports) });
    for (const name of ["web", "a-1", "a".repeat(63)])
      expect(takes({ services: [service(name)] }), name).to.equal(true);
    for (const name of ["", "-a", "a b", "a;id", "A", "a.b", "web\n", "a".repeat(64)])
      expect(takes({ services: [service(name)] }), name).to.equal(false);
    for (const count of [512, 513]) {
      const isTaken = count === 512;
      expect(takes({ images: many("a", count) })).to.equal(isTaken);
      expect(takes({ volumes: many({ name: "a", size: 1 }, count) })).to.equal(isTaken);
      expect(takes({ workloads: many({ kind: "a", name: "a", replicas: 1 }, count) })).to.equal(isTaken);
      expect(takes({ services: many(service("a"), count) })).to.equal(isTaken);
      expect(takes({ services: [service("a", count)] })).to.equal(isTaken);
    }
  });

  it("has many faults of a manifest, of which the first are looked at", () => {
    expect(faultsForm.parse(many({ detail: "bad" }, 600))).to.have.lengthOf(512);
    expect(faultsForm.parse(undefined)).to.deep.equal([]);
  });

  it("is read no further than it may be long", async () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    expect(await bytesOf(new Response(bytes).body, 4)).to.deep.equal(bytes);
    expect(await bytesOf(new Response(bytes).body, 5)).to.deep.equal(bytes);
    expect(await bytesOf(new Response(bytes).body, 3)).to.equal(undefined);
    expect(await bytesOf(null, 3)).to.deep.equal(new Uint8Array());
  });
});
