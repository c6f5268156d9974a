import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";

import { InputError } from "../../../../src/inputError.ts";
import { Problem } from "../../../../src/gateway/problems/problem.ts";
import { openDatabase } from "../../../../src/gateway/store/database.ts";
import { migrations } from "../../../../src/gateway/store/migrations.ts";

const CHILD = join(import.meta.dirname, "../../../fixtures/gateway/store/holder.ts");

/** What is thrown, as an instance of a class. */
function thrownBy<T extends Error>(type: abstract new (...values: never[]) => T, work: () => unknown): T {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(type);
    return error as T;
  }
  throw new Error("nothing was thrown");
}

describe("the gateway's database", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gateway-store-"));
    file = join(folder, "data", "gateway.db");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("makes folder and files that nobody else can read", () => {
    const database = openDatabase(file);
    database.sql.exec("CREATE TABLE t (x INTEGER) STRICT; INSERT INTO t VALUES (1);");
    expect(statSync(join(folder, "data")).mode & 0o777).to.equal(0o700);
    for (const suffix of ["", "-wal", "-shm", ".lock"]) expect(statSync(file + suffix).mode & 0o777).to.equal(0o600);
    database.close();
  });

  it("writes to the disk before a transaction ends, by a log that readers do not wait for", () => {
    const database = openDatabase(file);
    expect(database.get("PRAGMA journal_mode")).to.include({ journal_mode: "wal" });
    expect(database.get("PRAGMA synchronous")).to.include({ synchronous: 2 });
    expect(database.get("PRAGMA foreign_keys")).to.include({ foreign_keys: 1 });
    database.close();
  });

  it("migrates an empty database to the newest version, once", () => {
    openDatabase(file).close();
    const database = openDatabase(file);
    expect(database.get("PRAGMA user_version")).to.include({ user_version: migrations.length });
    database.close();
  });

  it("brings a database of the first version up to date, and keeps what is in it", () => {
    const [first = ""] = migrations;
    openDatabase(file).close();
    rmSync(file);
    const raw = new DatabaseSync(file);
    raw.exec(first);
    raw.exec("PRAGMA user_version = 1");
    raw.exec("INSERT INTO hosted_order (order_id, terms, account, phase) VALUES (7, 'terms', 'account', 'running')");
    raw.exec(`INSERT INTO deployment (id, order_id, terms, account, units, url, sha256, request, state, created_at, changed_at)
      VALUES (1, 7, 'terms', 'account', 1, 'url', 'hash', 'request', 'ready', 1, 1)`);
    raw.exec("INSERT INTO deploy_request VALUES (7, 'terms', 'nonce', 'request', 'signature', 1)");
    raw.exec("INSERT INTO usage_sample VALUES (7, 'terms', 1, '5', NULL, NULL, 6, NULL)");
    raw.close();
    const database = openDatabase(file);
    // A request was good for a day at most when it was accepted.
    expect(database.get("SELECT until - unixepoch() AS left FROM deploy_request")?.["left"]).to.be.within(
      86_000,
      86_400,
    );
    expect(database.get("SELECT memory, disk FROM usage_sample")).to.include({ memory: 6, disk: null });
    expect(database.all("SELECT * FROM upload")).to.deep.equal([]);
    database.close();
  });

  it("refuses a database of a newer version", () => {
    const database = openDatabase(file);
    database.sql.exec("PRAGMA user_version = 999");
    database.close();
    expect(thrownBy(InputError, () => openDatabase(file)).problem).to.contain("version 999");
    // The refusal has let go of it.
    const raw = new DatabaseSync(file);
    raw.exec(`PRAGMA user_version = ${String(migrations.length)}`);
    raw.close();
    openDatabase(file).close();
  });

  it("brings an older database up to date, with what is in it", () => {
    openDatabase(file).close();
    rmSync(file);
    const older = new DatabaseSync(file);
    older.exec(migrations[0] ?? "");
    older.exec("INSERT INTO own_domain VALUES ('shop.example', 7, '0x', 'web', 0, 0); PRAGMA user_version = 1");
    older.exec("PRAGMA foreign_keys = OFF; INSERT INTO deploy_request VALUES (7, '0x', '0x1', '0x2', '0x3', 1)");
    older.close();
    const database = openDatabase(file);
    expect(database.get("SELECT domain FROM own_domain")).to.include({ domain: "shop.example" });
    expect(database.all("SELECT * FROM certificate")).to.deep.equal([]);
    // It may have been accepted a moment ago, and be good for a day.
    const inADay = Math.floor(Date.now() / 1000) + 86_400;
    expect(Number(database.get("SELECT until FROM deploy_request")?.["until"])).to.be.within(inADay - 60, inADay);
    database.close();
  });

  it("leaves nothing of a transaction that fails, and of one within another", () => {
    const database = openDatabase(":memory:");
    database.sql.exec("CREATE TABLE t (x INTEGER) STRICT");
    const failing = () =>
      database.transaction(() => {
        database.run("INSERT INTO t VALUES (1)");
        database.transaction(() => database.run("INSERT INTO t VALUES (2)"));
        throw new RangeError("no");
      });
    expect(failing).to.throw(RangeError);
    expect(database.all("SELECT * FROM t")).to.have.length(0);
    database.transaction(() => database.run("INSERT INTO t VALUES (3)"));
    expect(database.all("SELECT * FROM t")).to.have.length(1);
    database.close();
  });

  it("refuses a second gateway in the same process and in another, and says which process has it", async () => {
    const child = spawn(process.execPath, [CHILD, file], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const refusal = thrownBy(InputError, () => openDatabase(file));
    expect(refusal.problem)
      .to.contain(file)
      .and.to.contain(`process ${String(child.pid)}`);
    expect(refusal.remedy).to.contain("data folder");
    child.kill("SIGKILL");
    await once(child, "exit");

    // A gateway that was killed leaves nothing that would have to be removed by hand.
    const database = openDatabase(file);
    expect(thrownBy(InputError, () => openDatabase(file)).problem).to.contain(`process ${String(process.pid)}`);
    database.close();
    openDatabase(file).close();
  });

  it("can be read and backed up while it is open", () => {
    const database = openDatabase(file);
    database.sql.exec("CREATE TABLE t (x INTEGER) STRICT; INSERT INTO t VALUES (1);");
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec(`VACUUM INTO '${join(folder, "backup.db")}'`);
    reader.close();
    database.close();
    expect(existsSync(join(folder, "backup.db"))).to.equal(true);
  });

  it("tells of a lock that another process holds, and goes on when it is gone", () => {
    const database = openDatabase(file);
    database.sql.exec("CREATE TABLE t (x INTEGER) STRICT; PRAGMA busy_timeout = 1;");
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const write = () => database.transaction(() => database.run("INSERT INTO t VALUES (1)"));
    expect(thrownBy(Problem, write)).to.include({ code: "storage-unavailable" });
    expect(thrownBy(Problem, () => database.run("INSERT INTO t VALUES (1)")).code).to.equal("storage-unavailable");
    other.exec("ROLLBACK");
    expect(write()).to.equal(1);
    expect(database.all("SELECT * FROM t")).to.have.length(1);
    other.close();
    database.close();
  });

  it("tells of a full database, keeps what was there, and goes on when there is room", () => {
    const database = openDatabase(file);
    database.sql.exec("CREATE TABLE t (x BLOB) STRICT; INSERT INTO t VALUES (zeroblob(10));");
    const pages = Number(database.get("PRAGMA page_count")?.["page_count"]);
    database.sql.exec(`PRAGMA max_page_count = ${String(pages)}`);
    const write = () => database.transaction(() => database.run("INSERT INTO t VALUES (zeroblob(100000))"));
    expect(thrownBy(Problem, write)).to.include({ code: "storage-full" });
    expect(database.all("SELECT * FROM t")).to.have.length(1);
    database.sql.exec("PRAGMA max_page_count = 1000000");
    expect(write()).to.equal(1);
    database.close();
  });

  it("leaves broken constraints to whoever breaks them", () => {
    const database = openDatabase(":memory:");
    database.sql.exec("CREATE TABLE t (x INTEGER UNIQUE) STRICT; INSERT INTO t VALUES (1);");
    const error = thrownBy(Error, () => database.run("INSERT INTO t VALUES (1)"));
    expect(error).not.to.be.instanceOf(Problem);
    database.close();
  });

  for (const [what, damage] of [
    [
      "no database",
      () => {
        writeFileSync(file, "hello, I am a text file, and longer than a header".repeat(100));
      },
    ],
    [
      "torn",
      () => {
        truncateSync(file, statSync(file).size - 4096);
      },
    ],
    [
      "overwritten within",
      () => {
        const handle = openSync(file, "r+");
        for (let page = 2; page < statSync(file).size / 4096; page++)
          writeSync(handle, Buffer.alloc(2048, 0xa5), 0, 2048, page * 4096);
        closeSync(handle);
      },
    ],
  ] as const) {
    it(`refuses a file that is ${what}, with a remedy, and lets go of it`, () => {
      const database = openDatabase(file);
      database.sql.exec("CREATE TABLE t (x TEXT) STRICT");
      database.transaction(() => {
        for (let i = 0; i < 500; i++) database.run("INSERT INTO t VALUES (?)", "x".repeat(100));
      });
      database.close();
      damage();
      for (let i = 0; i < 2; i++) {
        const refusal = thrownBy(InputError, () => openDatabase(file));
        expect(refusal.problem).to.contain("damaged");
        expect(refusal.remedy).to.contain("backup");
      }
    });
  }

  it("refuses folders that it cannot write", () => {
    writeFileSync(join(folder, "file"), "");
    for (const path of [join(folder, "file", "gateway.db"), folder]) {
      const refusal = thrownBy(InputError, () => openDatabase(path));
      expect(refusal.problem).to.contain("cannot be opened for writing");
    }
  });

  describe("on a disk of its own", () => {
    let mounted = false;
    const mount = (options: string) => {
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
        mounted = true;
      } catch {
        mounted = false;
      }
    };
    afterEach(() => {
      if (mounted) execFileSync("umount", ["-l", folder]);
      mounted = false;
    });

    it("tells that the disk is full, loses nothing, and goes on when there is room", function () {
      mount("size=1m");
      if (!mounted) this.skip();
      const database = openDatabase(file);
      database.sql.exec("CREATE TABLE t (x BLOB) STRICT; PRAGMA wal_autocheckpoint = 0;");
      let written = 0;
      const problem = thrownBy(Problem, () => {
        for (; written < 1000; written++)
          database.transaction(() => database.run("INSERT INTO t VALUES (zeroblob(20000))"));
      });
      expect(problem.code).to.equal("storage-full");
      expect(written).to.be.greaterThan(0);
      expect(database.all("SELECT 1 FROM t")).to.have.length(written);
      execFileSync("mount", ["-o", "remount,size=8m", folder]);
      database.transaction(() => database.run("INSERT INTO t VALUES (zeroblob(20000))"));
      database.close();
      const again = openDatabase(file);
      expect(again.all("SELECT 1 FROM t")).to.have.length(written + 1);
      again.close();
    });

    it("refuses one that is read-only", function () {
      mount("size=1m");
      if (!mounted) this.skip();
      openDatabase(file).close();
      execFileSync("mount", ["-o", "remount,ro", folder]);
      expect(thrownBy(InputError, () => openDatabase(file)).problem).to.contain("cannot be opened for writing");
    });
  });
});
