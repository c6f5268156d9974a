import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

import { fencesOf } from "../../../scripts/checks/docs/markdown.ts";
import { root } from "../../../scripts/checks/files.ts";
import { pageFolder } from "../../../src/page/files.ts";
import { isInstalled } from "../../../src/gateway/orchestrator/podman/containersConf.ts";
import { CACHE, PAGE_HEADERS } from "../../../src/page/headers.ts";
import { freePort } from "../../fixtures/freePort.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { makeCertificate } from "../../fixtures/gateway/http/certificate.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A document's example, with what is this machine's in place of what stands for the reader's. */
function exampleOf(language: string, changes: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(root, "docs/page.md"), "utf8");
  let block = fencesOf(text).find((fence) => fence.language === language)?.text ?? "";
  for (const [said, meant] of Object.entries(changes)) {
    expect(block, said).to.include(said);
    block = block.replaceAll(said, meant);
  }
  return block;
}

/** How a web server is started with its example, given its folder and port: the arguments. */
type Start = (folder: string, port: number) => readonly string[];

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

const servers: Readonly<Record<string, Start>> = {
  nginx: (folder, port) => {
    const { cert, key } = makeCertificate(folder, "market", "DNS:market.example");
    const block = exampleOf("nginx", {
      "listen 443 ssl": `listen 127.0.0.1:${String(port)} ssl`,
      "/etc/ssl/market.pem": cert,
      "/etc/ssl/market.key": key,
      "/srv/market": join(folder, "www"),
    });
    const places = TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`).join(" ");
    const around = `daemon off; pid ${join(folder, "pid")}; events {}\nhttp { include /etc/nginx/mime.types; access_log off; ${places}\n${block}}\n`;
    writeFileSync(join(folder, "nginx.conf"), around);
    return ["-e", "stderr", "-c", join(folder, "nginx.conf")];
  },
  caddy: (folder, port) => {
    const { cert, key } = makeCertificate(folder, "market", "DNS:market.example");
    const site = `https://market.example:${String(port)} {\n  bind 127.0.0.1\n  tls ${cert} ${key}`;
    const block = exampleOf("caddyfile", { "market.example {": site, "/srv/market": join(folder, "www") });
    writeFileSync(join(folder, "Caddyfile"), `{\n  admin off\n  auto_https disable_redirects\n}\n${block}`);
    return ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")];
  },
};

for (const [program, start] of Object.entries(servers)) {
  describe(`the page by ${program}, as docs/page.md shows it`, () => {
    let folder: string;
    let port: number;
    let server: ChildProcess;
    let script: string;
    let said = "";
    const closers: (() => Promise<void>)[] = [];

    const get = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
      const name = "market.example";
      const where = { host: "127.0.0.1", port, path, servername: name, rejectUnauthorized: false, agent: false };
      const sent = request({ ...where, headers: { host: name, ...headers } }).end();
      const [answer] = (await once(sent, "response")) as [NodeJS.ReadableStream & Answer & { statusCode: number }];
      return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
    };
    const isUp = async (): Promise<boolean> => {
      expect(server.exitCode, `${program} has ended: ${said}`).to.equal(null);
      return get("/").then(
        () => true,
        () => false,
      );
    };

    before(async function () {
      if (!isInstalled(program)) {
        console.warn(`\n  !! docs/page.md's example for ${program} is not loaded: ${program} is missing.\n`);
        this.skip();
      }
      folder = mkdtempSync(join(tmpdir(), "web-"));
      // The server's workers may be of another user.
      chmodSync(folder, 0o755);
      cpSync(pageFolder(), join(folder, "www"), { recursive: true });
      writeFileSync(join(folder, "www/config.json"), JSON.stringify({ networks: [], more: "x".repeat(2_000) }));
      writeFileSync(join(folder, "secret.txt"), "SECRET");
      script = readdirSync(join(folder, "www/assets")).find((name) => name.endsWith(".js")) ?? "";
      port = await freePort();
      const env = { ...process.env, HOME: folder };
      server = spawn(program, start(folder, port), { stdio: ["ignore", "ignore", "pipe"], env });
      server.stderr?.on("data", (text: Buffer) => (said += text.toString()));
      closers.push(async () => {
        server.kill();
        if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
        rmSync(folder, { recursive: true });
      });
      await until(`${program} answers`, isUp);
    });
    after(async () => {
      for (const close of closers) await close();
    });

    it("has every header with every file", async () => {
      for (const path of ["/", "/index.html", "/config.json", `/assets/${script}`]) {
        const { status, headers, body } = await get(path);
        expect(status, path).to.equal(200);
        expect(headers, path).to.include(PAGE_HEADERS);
        const file = path === "/" ? "index.html" : path;
        expect(body.equals(readFileSync(join(folder, "www", file))), path).to.equal(true);
      }
    });

    it("is kept by browsers for ever where a file is named by what is in it, and asked for anew elsewhere", async () => {
      expect((await get(`/assets/${script}`)).headers["cache-control"]).to.equal(CACHE.named);
      for (const path of ["/", "/index.html", "/config.json", "/?node=3"]) {
        expect((await get(path)).headers["cache-control"], path).to.equal(CACHE.other);
      }
      const { headers } = await get("/");
      const again = await get("/", { "if-none-match": String(headers.etag) });
      expect([again.status, again.body.length]).to.deep.equal([304, 0]);
    });

    it("comes in gzip for those who take it, which caches are told", async () => {
      for (const path of ["/", "/config.json", `/assets/${script}`]) {
        const { headers, body } = await get(path, { "accept-encoding": "gzip" });
        expect([headers["content-encoding"], headers.vary?.toLowerCase()], path).to.deep.equal([
          "gzip",
          "accept-encoding",
        ]);
        expect(gunzipSync(body).equals((await get(path)).body), path).to.equal(true);
      }
    });

    it("has types that browsers run, though they are to guess none", async () => {
      expect((await get("/")).headers["content-type"]).to.match(/^text\/html/);
      expect((await get(`/assets/${script}`)).headers["content-type"]).to.match(/^(text|application)\/javascript/);
      const style = readdirSync(join(folder, "www/assets")).find((name) => name.endsWith(".css")) ?? "";
      expect((await get(`/assets/${style}`)).headers["content-type"]).to.match(/^text\/css/);
    });

    it("has nothing else, and what is missing is not kept", async () => {
      for (const path of ["/assets/", "/assets/none-12345678.js", "/nothing", "/..%2fsecret.txt", "/../secret.txt"]) {
        const { status, headers, body } = await get(path);
        expect(status, path).to.be.oneOf([400, 403, 404]);
        expect(headers["cache-control"] ?? "", path).to.not.include("immutable");
        expect(body.toString(), path).to.not.include("SECRET");
      }
    });
  });
}
