import { expect } from "chai";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

import { TokenKeys } from "../../../../src/gateway/access/keys.ts";
import { InputError } from "../../../../src/inputError.ts";

const DAY = 86_400_000;

describe("The keys of the gateway's tokens", () => {
  let folder: string;
  let time: number;
  const open = (): TokenKeys => new TokenKeys(join(folder, "data", "token-keys.json"), () => time);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gateway-keys-"));
    time = 1_800_000_000_000;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("are made at the first start, readable by nobody else, and the same after a restart", () => {
    const keys = open();
    const file = join(folder, "data", "token-keys.json");
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(statSync(join(folder, "data")).mode & 0o777).to.equal(0o700);
    const again = open();
    expect(again.signing().id).to.equal(keys.signing().id);
    expect(again.nonceSecret.equals(keys.nonceSecret)).to.equal(true);
  });

  it("are refused when others can read them, or when they are damaged, without a word of what they are", () => {
    open();
    const file = join(folder, "data", "token-keys.json");
    chmodSync(file, 0o644);
    expect(open).to.throw(InputError, "0644");
    chmodSync(file, 0o600);
    writeFileSync(file, readFileSync(file, "utf8").replace('"version": 1', '"version": 9'));
    expect(open)
      .to.throw(InputError)
      .that.satisfies((error: Error) => !inspect(error).includes("PRIVATE"));
  });

  it("change after 30 days, and are known until what they signed has expired", () => {
    const keys = open();
    const first = keys.signing().id;
    time += 29 * DAY;
    expect(keys.signing().id).to.equal(first);
    time += DAY;
    const second = keys.signing().id;
    expect(second).to.not.equal(first);
    expect(keys.find(first)).to.not.equal(undefined);
    expect(open().find(first), "after a restart").to.not.equal(undefined);
    time += 30 * DAY;
    keys.signing();
    expect(keys.find(first)).to.equal(undefined);
    expect(keys.find(second)).to.not.equal(undefined);
    expect(keys.find(undefined)).to.equal(undefined);
  });

  it("stay as they are when the clock is set back", () => {
    const keys = open();
    time -= 365 * DAY;
    expect(keys.signing().id).to.equal(open().signing().id);
  });
});
