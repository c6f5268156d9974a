import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BeliefFile } from "../../../src/enclave/belief.ts";
import { EnclaveClient } from "../../../src/enclave/client.ts";
import { keptKey } from "../../../src/enclave/platform/sealedKey.ts";
import { InputError } from "../../../src/inputError.ts";
import { toHex, type Hex } from "../../../src/sgx/bytes.ts";
import { ViewError } from "../../../src/view/errors.ts";
import type { Trust } from "../../../src/view/forms.ts";
import { firstBelief } from "../../../src/view/signedViews.ts";
import { AttestationFolder } from "../../fixtures/enclave/attestationFolder.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";

const ADDRESS = "0x00000000000000000000000000000000000000E5";
const TRUST: Trust = {
  ...{ kind: "chain-trust", chainId: 31_337n, height: 1n },
  contracts: { viewJudge: ADDRESS, validatorSet: ADDRESS, taskEscrow: ADDRESS, nodeRegistry: ADDRESS },
  validators: [{ account: ADDRESS, key: ADDRESS, stake: 1n }],
};

const sealingKey = (digit: number): Uint8Array => new Uint8Array(16).fill(digit);

describe("an enclave key sealed to its measurement", () => {
  let folder: string;
  let file: string;
  const ends: (() => unknown)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sealed-"));
    file = join(folder, "enclave.key");
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    rmSync(folder, { recursive: true });
  });

  const refused = (work: () => unknown): void => {
    expect(work).to.throw(InputError, "is no key that this measurement has sealed on this processor");
  };
  const attestation = (mrEnclave: Hex, key: Uint8Array): string => {
    const made = new AttestationFolder(mrEnclave, key);
    ends.push(() => {
      made.remove();
    });
    return made.path;
  };

  it("is made once, opens again, and shows nothing of itself", () => {
    const made = keptKey(file, sealingKey(1));
    expect(made.isNew).to.equal(true);
    expect(keptKey(file, sealingKey(1))).to.deep.equal({ key: made.key, isNew: false });
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(toHex(readFileSync(file))).not.to.include(toHex(made.key.key).slice(2));
  });

  it("opens for no other measurement or processor, and is not replaced then", () => {
    keptKey(file, sealingKey(1));
    const before = readFileSync(file);
    refused(() => keptKey(file, sealingKey(2)));
    expect(readFileSync(file)).to.deep.equal(before);
  });

  it("is refused where any byte was changed, cut off or added", () => {
    keptKey(file, sealingKey(1));
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      writeFileSync(file, changed);
      refused(() => keptKey(file, sealingKey(1)));
    }
    writeFileSync(file, whole);
    truncateSync(file, whole.length - 1);
    refused(() => keptKey(file, sealingKey(1)));
    writeFileSync(file, Buffer.concat([whole, Buffer.of(0)]));
    expect(() => keptKey(file, sealingKey(1))).to.throw(InputError, "61 bytes, more than 60");
  });

  it("that was put back does not open what a newer one keeps of the chain", () => {
    const believed = (): BeliefFile => new BeliefFile(join(folder, "belief"), keptKey(file, sealingKey(1)).key, TRUST);
    keptKey(file, sealingKey(1));
    const older = readFileSync(file);
    rmSync(file);
    believed().write(firstBelief(TRUST));
    expect(believed().read(TRUST)).to.deep.equal(firstBelief(TRUST));
    writeFileSync(file, older);
    expect(() => believed().read(TRUST))
      .to.throw(ViewError)
      .with.property("code", "STATE_UNUSABLE");
  });

  it("is the program's after each start, and another measurement does not start with it", async () => {
    const one = attestation(`0x${"a1".repeat(32)}`, sealingKey(1));
    const keys: string[] = [];
    for (let i = 0; i < 2; i++) {
      const main = ["src/main.ts", "enclave", "--believe-host", "--attestation", one, "--sealed-key", file];
      const client = await EnclaveClient.start({ command: [process.execPath, ...main] });
      keys.push(client.identity.enclaveKey);
      await client.close();
    }
    expect(keys[0]).to.equal(keys[1]);
    const two = attestation(`0x${"a2".repeat(32)}`, sealingKey(2));
    const [code, log] = await EnclaveProcess.failure("--attestation", two, "--sealed-key", file);
    expect([code, log.includes("is no key that this measurement has sealed")], log).to.deep.equal([1, true]);
    const [, usage] = await EnclaveProcess.failure("--sealed-key", file);
    expect(usage).to.match(/^Usage: enclave /);
  });
});
