import { expect } from "chai";
import { execFile } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { holdAccount } from "../../../../src/chain/sending/accountLock.ts";
import { haltIn } from "../../../../src/chain/sending/halt.ts";
import { InputError } from "../../../../src/inputError.ts";

const run = promisify(execFile);
/** A provider service's user, which is nobody else's. */
const USER = 54_321;
const ADDRESS = "0x00000000000000000000000000000000000000aA";
const ROOM = new URL("../../../../src/chain/sending/", import.meta.url).href;

describe("a gateway of root and a provider service of another user that share a folder of state", () => {
  let state = "";
  let folder = "";

  before(function () {
    if (process.geteuid?.() !== 0) this.skip();
  });
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "state-"));
    chownSync(state, USER, USER);
    folder = join(state, "accounts");
  });
  afterEach(() => {
    rmSync(state, { recursive: true });
  });

  /** What the user's program says that does something with the folder. */
  async function asUser(code: string): Promise<string> {
    const imports = `import { holdAccount } from "${ROOM}accountLock.ts"; import { haltIn } from "${ROOM}halt.ts";`;
    const program = `${imports} try { ${code} } catch (error) { console.log(error.message); }`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program, folder], {
      uid: USER,
      gid: USER,
      cwd: "/",
      env: { HOME: state },
    });
    return stdout.trim();
  }
  const HOLD = `holdAccount(process.argv[1], 1n, "${ADDRESS}"); console.log("held");`;
  const holdAsRoot = (): (() => void) => holdAccount(folder, 1n, ADDRESS);

  it("let only one of both have the account, whichever begins", async () => {
    const release = holdAsRoot();
    expect(await asUser(HOLD)).to.include(`is in use on chain 1 by another program, process ${String(process.pid)}`);
    release();
    expect(await asUser(HOLD)).to.equal("held");
    holdAsRoot()();
    expect([statSync(folder).uid, process.geteuid?.()]).to.deep.equal([USER, 0]);
  });

  it("both know of a halt that either has written", async () => {
    holdAsRoot()();
    haltIn(folder, "1-account").write("somebody else sends", 7);
    expect(await asUser(`console.log(haltIn(process.argv[1], "1-account").read());`)).to.equal("somebody else sends");
    await asUser(`haltIn(process.argv[1], "1-account").write("again", 8);`);
    expect([haltIn(folder, "1-account").read(), haltIn(folder, "1-account").told()]).to.deep.equal(["again", 8]);
  });

  it("say what to do where the folder is root's alone", async () => {
    mkdirSync(folder, { mode: 0o700 });
    expect(await asUser(HOLD)).to.include(
      `The folder ${folder}, which keeps an account to one program, cannot be used`,
    );
    expect(() => holdAccount("/dev/null/accounts", 1n, ADDRESS)).to.throw(InputError, "cannot be used");
  });
});
