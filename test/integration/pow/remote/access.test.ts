import { chmodSync, readFileSync } from "node:fs";

import { type NatsConnection, nkeys } from "@nats-io/transport-node";
import { expect } from "chai";
import { pino } from "pino";

import { createWasmEngine } from "../../../../src/pow/index.ts";
import { connectNats } from "../../../../src/pow/remote/connection.ts";
import { type NatsPlace } from "../../../../src/pow/remote/options.ts";
import { openRemoteEngine } from "../../../../src/pow/remote/remoteEngine.ts";
import { serveSearches } from "../../../../src/pow/remote/worker/serve.ts";
import { makeCertificate } from "../../../fixtures/gateway/http/certificate.ts";
import { makeCreds } from "../../../fixtures/pow/remote/creds.ts";
import { isNatsUsable, NatsServer } from "../../../fixtures/pow/remote/natsServer.ts";
import { WorkerProcess } from "../../../fixtures/pow/remote/workerProcess.ts";

/** The users that docs/proof-of-work.md shows. */
function documentedUsers(): string {
  const text = readFileSync(new URL("../../../../docs/proof-of-work.md", import.meta.url), "utf8");
  const block = /```\n(authorization \{[^]*?)```/.exec(text)?.[1];
  if (block === undefined) throw new Error("The document shows no users");
  return block;
}

/** What connecting fails with. */
async function refusal(place: NatsPlace): Promise<string> {
  let connection: NatsConnection;
  try {
    connection = await connectNats(place, "test");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  await connection.close();
  return "none";
}

describe("The way to the machines of a search", () => {
  const servers: NatsServer[] = [];

  const start = async (configuration?: (folder: string) => string): Promise<NatsServer> => {
    const server = await NatsServer.start(configuration);
    servers.push(server);
    return server;
  };

  before(function () {
    if (!isNatsUsable()) this.skip();
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map(async (server) => server.close()));
  });

  it("is for whoever has a user's password, and is refused in one sentence with a wrong one", async () => {
    const server = await start(documentedUsers);
    const right = server.write("right.json", '{"user": "worker", "password": "WORKER-PASSWORD"}\n');
    const wrong = server.write("wrong.json", '{"user": "worker", "password": "hunter2"}');
    expect(await refusal({ servers: server.url, credentials: right })).to.equal("none");
    const said = `The NATS server 127.0.0.1:${String(server.port)} refuses the credentials. Give the credentials of a user that the server knows.`;
    expect(await refusal({ servers: server.url, credentials: wrong })).to.equal(said);
    expect(await refusal({ servers: server.url })).to.equal(said);
    const worker = WorkerProcess.start("--nats", server.url, "--credentials", wrong);
    expect(await worker.end()).to.deep.equal({ code: 1, stdout: "", stderr: `${said}\n` });
  });

  it("is for whoever has a token, an nkey or a .creds file", async () => {
    const nkey = nkeys.createUser();
    const seed = new TextDecoder().decode(nkey.getSeed());
    const { creds, configuration } = makeCreds();
    const forms: [configuration: string, text: string][] = [
      ['authorization { token: "sesame" }', '{"token": "sesame"}'],
      [`authorization { users: [{ nkey: ${nkey.getPublicKey()} }] }`, seed],
      [configuration, creds],
    ];
    for (const [conf, text] of forms) {
      const server = await start(() => conf);
      expect(await refusal({ servers: server.url, credentials: server.write("credentials", text) })).to.equal("none");
      expect(await refusal({ servers: server.url })).to.contain("refuses the credentials");
    }
  });

  it("lets the users that the document shows do what they must, and no more", async () => {
    const server = await start(documentedUsers);
    const worker = server.write("worker.json", '{"user": "worker", "password": "WORKER-PASSWORD"}');
    const search = server.write("search.json", '{"user": "search", "password": "SEARCH-PASSWORD"}');
    const connection = await connectNats({ servers: server.url, credentials: worker }, "worker");
    const engine = await createWasmEngine({ threads: 1 });
    const ending = new AbortController();
    const log = pino({ level: "silent" });
    const parts = { node: 7n, connection, engine, unit: "CpuCore" as const, rate: 1e6, log, signal: ending.signal };
    const searching = async (): Promise<void> => {
      const remote = await openRemoteEngine({ servers: server.url, credentials: search, node: 7n });
      try {
        await remote.prepare();
        const range = { prefix: new Uint8Array(32), target: 1n << 240n, first: 0n, end: 100_000n };
        let hashes = 0;
        await remote.search(range, (report) => {
          hashes += report.hashes;
        }).finished;
        expect(hashes).to.equal(100_000);
      } finally {
        await remote.close();
        ending.abort();
      }
    };
    await Promise.all([serveSearches(parts), searching()]);
    await engine.close();

    const stranger = await openRemoteEngine({ servers: server.url, credentials: worker, node: 7n, patience: 0.5 });
    const denied = await stranger.prepare().then(
      () => "nothing",
      (error: unknown) => String(error),
    );
    await stranger.close();
    expect(denied).to.contain("does not allow this user what a search needs");

    const refused = WorkerProcess.start("--nats", server.url, "--credentials", search);
    const { code, stderr } = await refused.end();
    expect(code).to.equal(1);
    expect(stderr).to.match(
      /^The NATS server does not let this user hear computing-power\.node\.7\.call\. Allow it\.\n$/,
    );
  });

  it("is by TLS where that is asked for, to a server whose certificate is trusted", async () => {
    const server = await start((folder) => {
      const { cert, key } = makeCertificate(folder, "one", "DNS:localhost");
      return `tls { cert_file: "${cert}", key_file: "${key}" }`;
    });
    const url = `tls://localhost:${String(server.port)}`;
    const other = makeCertificate(server.folder, "two", "DNS:localhost").cert;
    expect(await refusal({ servers: url, certificates: `${server.folder}/one.pem` })).to.equal("none");
    const untrusted = /^The certificate of the NATS server localhost:\d+ is not trusted \([A-Z_]+\)\. Give the/;
    expect(await refusal({ servers: url, certificates: other })).to.match(untrusted);
    expect(await refusal({ servers: url })).to.match(untrusted);
    // A server that offers TLS gets it, asked for or not.
    expect(await refusal({ servers: `nats://localhost:${String(server.port)}` })).to.match(untrusted);
    expect(await refusal({ servers: `tls://127.0.0.1:${String(server.port)}` })).to.contain("given by its address");
    expect(await refusal({ servers: url, certificates: "/nowhere.pem" })).to.contain("cannot be read");
    const worker = WorkerProcess.start("--nats", url, "--tls-ca", other);
    const { code, stderr } = await worker.end();
    expect([code, stderr.trim()]).to.deep.equal([1, await refusal({ servers: url, certificates: other })]);
  });

  it("is refused to a server for another name", async () => {
    const server = await start((folder) => {
      const { cert, key } = makeCertificate(folder, "one", "DNS:elsewhere.example");
      return `tls { cert_file: "${cert}", key_file: "${key}" }`;
    });
    const place = { servers: `tls://localhost:${String(server.port)}`, certificates: `${server.folder}/one.pem` };
    expect(await refusal(place)).to.contain("is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)");
  });

  it("never falls back from TLS, nor sends a password without it", async () => {
    const server = await start();
    const place = { servers: `tls://localhost:${String(server.port)}` };
    expect(await refusal(place)).to.equal(
      `The NATS server localhost:${String(server.port)} does not offer TLS. Set up its certificate.`,
    );
    for (const secret of ['{"user": "a", "password": "b"}', '{"token": "b"}']) {
      const credentials = server.write("secret.json", secret);
      // Nothing of it needs the server.
      expect(await refusal({ servers: "nats://nats.example", credentials })).to.equal(
        "A password or token for nats.example:4222 would cross the network without encryption. Use tls:// addresses, or an nkey, which is never sent.",
      );
    }
  });

  it("needs credentials of a known form that nobody else can read, and no secrets in addresses", async () => {
    const server = await start();
    const { creds } = makeCreds();
    let credentials = "";
    for (const text of ['{"user": "a"}', "hunter2", `SU${"A".repeat(56)}`, creds.slice(0, -60), ""]) {
      credentials = server.write("credentials", text);
      expect(await refusal({ servers: server.url, credentials }), text).to.contain("are of no known form");
    }
    chmodSync(credentials, 0o644);
    expect(await refusal({ servers: server.url, credentials })).to.contain("0644, so others can use it");
    for (const servers of ["nats://user:hunter2@127.0.0.1", "http://127.0.0.1", "127.0.0.1:4222", "nats://a:99999"]) {
      const said = await refusal({ servers });
      expect(said).to.contain("An address of a NATS server is none").and.not.contain("hunter2");
    }
    await server.kill();
    expect(await refusal({ servers: server.url })).to.match(/does not answer \(ECONNREFUSED\)\. Start it/);
  });
});
