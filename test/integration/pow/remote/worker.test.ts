import { expect } from "chai";
import { parseAllDocuments } from "yaml";

import { readFiles } from "../../../../scripts/checks/files.ts";
import { workerArguments } from "../../../../src/pow/remote/worker/command.ts";
import { isNatsUsable, NatsServer } from "../../../fixtures/pow/remote/natsServer.ts";
import { WorkerProcess } from "../../../fixtures/pow/remote/workerProcess.ts";

interface PodSpec {
  readonly priorityClassName: string;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumes: { readonly name: string; readonly secret: { readonly defaultMode: number } }[];
  readonly containers: {
    readonly command: string[];
    readonly args: string[];
    readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>>>>;
    readonly securityContext: object;
    readonly volumeMounts: { readonly mountPath: string; readonly readOnly: boolean }[];
  }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly value?: number;
  readonly preemptionPolicy?: string;
  readonly spec?: { readonly template?: { readonly spec: PodSpec }; readonly ingress?: object[] };
}

describe("computing-power prover-worker", () => {
  describe("given arguments", () => {
    const least = ["--node", "7", "--nats", "nats://localhost"];

    it("takes them, or what the environment says in their place", () => {
      const place = { servers: "nats://localhost", credentials: undefined, certificates: undefined };
      expect(workerArguments(least, {})).to.deep.equal({
        ...{ node: 7n, place, engine: "auto" },
        options: { threads: undefined, niceness: undefined, cpuShare: undefined, native: { use: "load" } },
      });
      const environment = {
        COMPUTING_POWER_NODE: "8",
        COMPUTING_POWER_NATS: "tls://a,tls://b",
        COMPUTING_POWER_NATS_CREDENTIALS: "c.json",
        COMPUTING_POWER_NATS_CA: "",
      };
      const spared = ["--threads", "3", "--niceness", "19", "--cpu-share", "50", "--native", "build"];
      expect(workerArguments(["--engine", "wasm", ...spared], environment)).to.deep.equal({
        ...{ node: 8n, place: { servers: "tls://a,tls://b", credentials: "c.json", certificates: undefined } },
        ...{ engine: "wasm", options: { threads: 3, niceness: 19, cpuShare: 0.5, native: { use: "build" } } },
      });
    });

    it("refuses what makes no sense", () => {
      const wrong = (args: readonly string[], text: string): void => {
        expect(() => workerArguments(args, {}), args.join(" ")).to.throw(text);
      };
      wrong(["--nats", "nats://localhost"], "--node is the id of the node");
      wrong([...least, "--node", "one"], "--node is the id of the node");
      wrong(["--node", "7"], "No NATS server is named");
      wrong([...least, "--threads", "many"], '--threads is a whole number from 1 to 1024, not "many"');
      wrong([...least, "--threads", "0"], "from 1 to 1024");
      wrong([...least, "--niceness", "20"], "from 0 to 19");
      // In percent, as tasks have it.
      wrong([...least, "--cpu-share", "0.5"], "from 1 to 100");
      wrong([...least, "--cpu-share", "101"], "from 1 to 100");
      wrong([...least, "--native", "perhaps"], '--native is off, load or build, not "perhaps"');
    });
  });

  it("says in one sentence what is wrong, and how it is called", async () => {
    const place = ["--nats", "nats://127.0.0.1:9"];
    const { code, stderr } = await WorkerProcess.start(...place, "--threads", "x").end();
    expect([code, stderr]).to.deep.equal([
      1,
      '--threads is a whole number from 1 to 1024, not "x". `computing-power prover-worker --help` shows how it is called.\n',
    ]);
    const unknown = await WorkerProcess.start(...place, "--thread", "1").end();
    expect([unknown.code, unknown.stderr.trim().split("\n").length]).to.deep.equal([1, 1]);
    const help = await WorkerProcess.start("--help").end();
    expect(help).to.include({ code: 0, stderr: "" });
    expect(help.stdout)
      .to.match(/^Usage: computing-power prover-worker --node ID/)
      .and.to.contain("native-avx2");
    expect(help.stdout).not.to.contain("remote");
  });

  it("waits for a server that is not there yet, and ends when it is told to", async function () {
    if (!isNatsUsable()) this.skip();
    const server = await NatsServer.start();
    try {
      await server.kill();
      const [patient, leaving] = [server.url, server.url].map((url) => WorkerProcess.start("--nats", url));
      const warning = `The NATS server 127.0.0.1:${String(server.port)} does not answer (ECONNREFUSED)`;
      await Promise.all([patient, leaving].map(async (worker) => worker!.says(warning)));
      leaving!.signal("SIGTERM");
      expect(await leaving!.end()).to.include({ code: 0, stderr: "" });
      await server.start();
      await patient!.says("the worker is ready");
      const { engine, threads, rate, device } = patient!.log.at(-1)!;
      expect(engine).to.match(/^wasm-/);
      expect(threads).to.equal(1);
      expect(rate).to.be.above(10_000);
      expect(device).to.be.a("string").and.not.equal("");
      patient!.signal("SIGTERM");
      expect(await patient!.end()).to.include({ code: 0, stderr: "" });
    } finally {
      await server.close();
    }
  });

  describe("on Kubernetes", () => {
    const manifests = readFiles("deploy/kubernetes/workers", ".yaml").flatMap(({ path, text }) =>
      parseAllDocuments(text).map((document) => {
        expect(document.errors, path).to.deep.equal([]);
        return document.toJS() as Manifest;
      }),
    );
    const the = (kind: string): Manifest => manifests.find((manifest) => manifest.kind === kind)!;
    const pod = (): PodSpec => the("DaemonSet").spec!.template!.spec;

    it("is called as it can be, with files that are mounted", () => {
      const [container] = pod().containers;
      expect(container!.command).to.deep.equal(["computing-power", "prover-worker"]);
      const { place, options } = workerArguments(container!.args, {});
      expect(options.niceness).to.equal(19);
      const [mount] = container!.volumeMounts;
      for (const file of [place.credentials, place.certificates])
        expect(file).to.match(RegExp(`^${mount!.mountPath}/`));
      // Others than its group cannot read them, which a worker insists on.
      expect(pod().volumes[0]!.secret.defaultMode).to.equal(0o440);
    });

    it("has no rights, writes nothing, and stands behind what users pay for", () => {
      const { securityContext, resources, volumeMounts } = pod().containers[0]!;
      expect(pod().automountServiceAccountToken).to.equal(false);
      expect(pod().securityContext).to.deep.include({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      const rights = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } };
      expect(securityContext).to.deep.equal(rights);
      expect(volumeMounts.every(({ readOnly }) => readOnly)).to.equal(true);
      expect(Object.keys(resources.requests)).to.deep.equal(["cpu", "memory"]);
      expect(Object.keys(resources.limits)).to.deep.equal(["memory"]);
      const priority = the("PriorityClass");
      expect(pod().priorityClassName).to.equal(priority.metadata.name);
      expect(priority.value).to.be.below(0);
      expect(priority.preemptionPolicy).to.equal("Never");
      expect(the("NetworkPolicy").spec!.ingress).to.deep.equal([]);
    });
  });
});
