import { expect } from "chai";
import fc from "fast-check";

import { capacityOf } from "../../../../src/gateway/manifest/capacity.ts";
import { parseQuantity } from "../../../../src/gateway/manifest/quantity.ts";
import { InputError } from "../../../../src/inputError.ts";

const value = (text: string, scale: 1 | 1000 = 1): number | string => {
  const quantity = parseQuantity(text, scale);
  return quantity.kind === "value" ? quantity.value : quantity.kind;
};

describe("Quantities", () => {
  it("are read exactly, as Kubernetes writes them", () => {
    const known: Readonly<Record<string, number>> = {
      ...{ "0": 0, "1": 1, "+1": 1, "1.": 1, "1.0": 1, "0.5k": 500, ".5k": 500, "007": 7 },
      ...{
        "1k": 1e3,
        "1M": 1e6,
        "1G": 1e9,
        "1T": 1e12,
        "1P": 1e15,
        "1Ki": 1024,
        "1.5Gi": 1_610_612_736,
        "1Ti": 2 ** 40,
      },
      ...{
        "1e3": 1e3,
        "1E3": 1e3,
        "1.5e3": 1500,
        "2000m": 2,
        "5000e-3": 5,
        "1e+2": 100,
        "1000000u": 1,
        "1000000000n": 1,
      },
    };
    for (const [text, bytes] of Object.entries(known)) expect(value(text), text).to.equal(bytes);
    const cores: Readonly<Record<string, number>> = { "0.1": 100, "250m": 250, "1": 1000, "0.001": 1, "2.5": 2500 };
    for (const [text, milli] of Object.entries(cores)) expect(value(text, 1000), text).to.equal(milli);
  });

  it("are nothing else", () => {
    const texts = [
      "",
      " 1",
      "1 ",
      "1 Gi",
      "-1",
      "1gi",
      "1KI",
      "1mi",
      "1GB",
      "1K",
      "0x10",
      "1e",
      "e3",
      ".",
      "1e3Ki",
      "1_000",
      "١",
      "NaN",
      "1,5",
    ];
    for (const text of [...texts, "1e999", "1".repeat(41)]) expect(value(text), text).to.equal("no-quantity");
  });

  it("are whole in their parts, and no more than can be counted", () => {
    expect(value("0.5")).to.equal("fraction");
    expect(value("512m")).to.equal("fraction");
    expect(value("0.0001", 1000)).to.equal("fraction");
    expect(value("9007199254740991")).to.equal(Number.MAX_SAFE_INTEGER);
    expect(value("9007199254740992")).to.equal("too-large");
    expect(value("8Ei")).to.equal("too-large");
    expect(value("1e99")).to.equal("too-large");
  });

  it("are never misread", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 50n }),
        fc.constantFrom<[string, bigint]>(["", 1n], ["k", 1000n], ["Ki", 1024n]),
        (n, [suffix, factor]) => {
          const expected = n * factor;
          const read = value(`${String(n)}${suffix}`);
          expect(read).to.equal(expected > BigInt(Number.MAX_SAFE_INTEGER) ? "too-large" : Number(expected));
        },
      ),
    );
    fc.assert(fc.property(fc.string({ maxLength: 50 }), (text) => typeof value(text) !== "undefined"));
  });
});

describe("What an order may use", () => {
  const unit = { cpu: "500m", memory: "1Gi", disk: "10G", gpus: 1 };

  it("is its units times what one holds", () => {
    expect(capacityOf(unit, 3)).to.deep.equal({ milliCpu: 1500, memory: 3 * 2 ** 30, disk: 3e10, gpus: 3 });
  });

  it("is refused where a unit is no whole number", () => {
    expect(() => capacityOf({ ...unit, memory: "500m" }, 1)).to.throw(InputError, "500m");
    expect(() => capacityOf({ ...unit, cpu: "0.0001" }, 1)).to.throw(InputError, "0.0001");
  });
});
