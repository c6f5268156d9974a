import { expect } from "chai";
import fc from "fast-check";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";

import { makePrivateKey } from "../../../src/data/keys.ts";
import { replyForm, type Reply } from "../../../src/enclave/protocol.ts";
import { converse, MAX_TASKS } from "../../../src/enclave/serving/conversation.ts";
import { EnclaveService } from "../../../src/enclave/serving/service.ts";
import { toJson } from "../../../src/json.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import { answerOf } from "../../fixtures/enclave/answer.ts";

describe("a conversation with the enclave program", () => {
  let service: EnclaveService;

  beforeEach(() => {
    service = new EnclaveService(makePrivateKey("Secp256k1"), { host: true });
  });
  afterEach(async () => service.close());

  /** All that is answered to chunks. */
  async function answersTo(chunks: readonly Uint8Array[]): Promise<Reply[]> {
    const output = new PassThrough();
    const written: Buffer[] = [];
    output.on("data", (chunk: Buffer) => written.push(chunk));
    await converse(service, Readable.from(chunks), output);
    output.end();
    await once(output, "close");
    const text = Buffer.concat(written).toString();
    return text === ""
      ? []
      : text
          .trimEnd()
          .split("\n")
          .map((line) => replyForm.parse(JSON.parse(line)));
  }
  const codeOf = (reply: Reply): string => ("error" in reply ? reply.error.code : "answered");

  it("answers each line once, whatever stands in it and however it comes, and fails at none", async () => {
    const answer = answerOf(service.identity.enclaveKey);
    const right = { id: 1, request: "signAnswer", answer: { ...answer, nonces: toHex(answer.nonces) } };
    const mutated = fc.tuple(fc.nat(), fc.string({ maxLength: 12 })).map(([at, text]) => {
      const whole = toJson(right, 0);
      const i = at % whole.length;
      return (whole.slice(0, i) + text + whole.slice(i + text.length)).replaceAll("\n", " ");
    });
    const shaped = fc.record({
      id: fc.oneof(fc.nat(), fc.jsonValue()),
      request: fc.constantFrom(
        "identify",
        "status",
        "signAnswer",
        "quote",
        "openSecret",
        "check",
        "run",
        "migrate",
        "sign",
      ),
      answer: fc.jsonValue(),
      task: fc.jsonValue(),
    });
    const line = fc.oneof(
      mutated,
      shaped.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string().map((text) => text.replaceAll("\n", " ")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 400 }), async (lines, size) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(""));
        const count = Math.ceil(bytes.length / size);
        const chunks = Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        const replies = await answersTo(chunks);
        expect(replies.length).to.equal(lines.length);
        for (const reply of replies)
          expect(codeOf(reply)).to.be.oneOf(["answered", "INVALID_REQUEST", "NOT_AN_ANSWER"]);
      }),
    );
    expect((await answersTo([Buffer.from(`${toJson(right, 0)}\n`)])).map(codeOf)).to.deep.equal(["answered"]);
  });

  it("takes so many tasks at once and refuses one more", async () => {
    const task = {
      ...{ chainId: 1n, escrow: service.identity.enclaveKey, grants: service.identity.enclaveKey },
      ...{ taskId: 1n, nodeId: 1n, dealHash: `0x${"22".repeat(32)}`, inputHash: `0x${"11".repeat(32)}`, datasets: [] },
    };
    const lines = Array.from({ length: MAX_TASKS + 2 }, (_, id) =>
      toJson({ id, request: "check", task, files: { inputs: "/nowhere", datasets: [] } }, 0),
    );
    const replies = await answersTo([
      Buffer.from(`${lines.join("\n")}\n${toJson({ id: 999, request: "status" }, 0)}\n`),
    ]);
    const busy = replies.filter((reply) => codeOf(reply) === "BUSY").map(({ id }) => id);
    expect(busy).to.deep.equal([MAX_TASKS, MAX_TASKS + 1]);
    expect(replies.filter((reply) => codeOf(reply) === "answered").length).to.equal(MAX_TASKS + 1);
    // What takes no time waits for none of them.
    expect(replies.findIndex(({ id }) => id === 999)).to.be.lessThan(replies.length - 1);
  });
});
