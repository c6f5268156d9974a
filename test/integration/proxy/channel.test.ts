import { expect } from "chai";

import { enclaveKeyOf, makePrivateKey, publicKeyOf } from "../../../src/data/keys.ts";
import { ClientChannel, type Carrier } from "../../../src/proxy/channel/client.ts";
import { ChannelOffers, type EnclaveChannel } from "../../../src/proxy/channel/enclave.ts";
import { FRAME_SIZES, MAX_BODY } from "../../../src/proxy/channel/frames.ts";
import { encodeEnclaveMessage, parseClientMessage, parseEnclaveMessage } from "../../../src/proxy/channel/messages.ts";
import { ProxyError } from "../../../src/proxy/errors.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { attestedEnclave } from "../../fixtures/data.ts";

/** The code that some work must be refused with. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => expect.fail("nothing was refused"),
    (error: unknown) => {
      expect(error, String(error)).to.be.instanceOf(ProxyError);
      return (error as ProxyError).code;
    },
  );
}

/** An enclave that answers what it is asked, in capitals. */
class Echo {
  readonly key = makePrivateKey("Secp256k1");
  readonly enclave = attestedEnclave(publicKeyOf(this.key));
  /** What it has opened. */
  readonly heard: string[] = [];
  readonly #offers = new ChannelOffers(this.key.key);
  channel: EnclaveChannel | undefined;

  readonly carry: Carrier = async (bytes) => {
    const message = parseClientMessage(bytes);
    if (message.kind === "hello") {
      return encodeEnclaveMessage({ kind: "offer", offer: await this.#offers.offer(message.hello) });
    }
    if (message.kind === "begin") this.channel = await this.#offers.begin(message.session, message.encapsulated);
    const { body } = this.channel!.open(message.frame);
    const text = Buffer.from(body).toString();
    this.heard.push(text);
    return encodeEnclaveMessage({
      kind: "sealed",
      frame: this.channel!.seal({ head: {}, body: utf8(text.toUpperCase()) }),
    });
  };
}

const say = (text: string) => ({ head: {}, body: utf8(text) });
const textOf = ({ body }: { body: Uint8Array }): string => Buffer.from(body).toString();

/** The message with one bit of the byte at a place turned. */
function turned(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe("the channel to a proxy", () => {
  it("carries what both sides say, in frames of few sizes that show nothing of it", async () => {
    const echo = new Echo();
    const seen: Uint8Array[] = [];
    const channel = await ClientChannel.open(async (message) => {
      const answer = await echo.carry(message);
      seen.push(message, answer);
      return answer;
    }, echo.enclave);
    for (const text of ["salary 52000", "b".repeat(3_000), "c".repeat(MAX_BODY)]) {
      expect(textOf(await channel.ask(say(text)))).to.equal(text.toUpperCase());
    }
    expect(channel.transcript).to.equal(echo.channel?.transcript);
    for (const bytes of seen) expect(Buffer.from(bytes).toString("latin1")).not.to.match(/salary|bbbb|cccc/i);
    const answers = seen.filter(([kind]) => kind === 5).map(({ length }) => length - 1 - 16);
    expect(answers).to.deep.equal([FRAME_SIZES[0], FRAME_SIZES[1], FRAME_SIZES[4]]);
  });

  it("opens with no enclave but the one whose quote was verified, for the place that was asked for", async () => {
    const [echo, other] = [new Echo(), new Echo()];
    expect(await codeOf(ClientChannel.open(other.carry, echo.enclave))).to.equal("OTHER_ENCLAVE");
    // The right enclave, but a hello that the host has changed: another node, or an older session's nonce.
    const forNode2 = attestedEnclave(publicKeyOf(echo.key), 2n);
    expect(enclaveKeyOf(publicKeyOf(echo.key))).to.equal(forNode2.node.enclaveKey);
    for (const [from, to] of [
      [/"nodeId":"1"/, '"nodeId":"2"'],
      [/"chainId":"31337"/, '"chainId":"1"'],
      [/"nonce":"0x../, '"nonce":"0x00'],
      [/"registry":"0x[^"]*"/, `"registry":"${echo.enclave.node.enclaveKey}"`],
    ] as const) {
      const lying: Carrier = (bytes) =>
        echo.carry(
          bytes[0] === 1
            ? new Uint8Array(Buffer.from(Buffer.from(bytes).toString("latin1").replace(from, to), "latin1"))
            : bytes,
        );
      expect(await codeOf(ClientChannel.open(lying, echo.enclave)), to).to.equal("OTHER_ENCLAVE");
    }
  });

  it("speaks no other version than both ends do, whatever the host makes of a hello", async () => {
    const echo = new Echo();
    for (const version of [0, 2]) {
      const lying: Carrier = async (bytes) => {
        const text = Buffer.from(bytes)
          .toString("latin1")
          .replace('"version":1', `"version":${String(version)}`);
        return echo.carry(new Uint8Array(Buffer.from(text, "latin1")));
      };
      const code = await codeOf(ClientChannel.open(lying, echo.enclave));
      expect(code).to.equal(version === 0 ? "MESSAGE_FORM" : "VERSION");
    }
    expect(echo.channel).to.equal(undefined);
  });

  it("refuses an offer of which the host has changed session, key or signature", async () => {
    const echo = new Echo();
    for (const field of ["session", "key", "signature"] as const) {
      const lying: Carrier = async (bytes) => {
        const message = parseEnclaveMessage(await echo.carry(bytes));
        if (message.kind !== "offer") throw new Error("an offer was due");
        const { offer } = message;
        const digits = offer[field].endsWith("0") ? "1" : "0";
        return encodeEnclaveMessage({
          kind: "offer",
          offer: { ...offer, [field]: `${offer[field].slice(0, -1)}${digits}` },
        });
      };
      expect(await codeOf(ClientChannel.open(lying, echo.enclave)), field).to.equal("OTHER_ENCLAVE");
    }
  });

  it("refuses any byte of a message that was changed on its way to the enclave", async () => {
    // The kind, the session, the key, and of the frame its beginning, middle and tag.
    for (const at of [1 + 32, 1 + 63, 1 + 64, 700, 1 + 64 + 1024 + 15]) {
      const echo = new Echo();
      const channel = await ClientChannel.open(
        (bytes) => echo.carry(bytes[0] === 2 ? turned(bytes, at) : bytes),
        echo.enclave,
      );
      expect(await codeOf(channel.ask(say("hello"))), String(at)).to.equal("CHANNEL_BROKEN");
      expect(echo.heard).to.deep.equal([]);
      expect(await codeOf(channel.ask(say("again")))).to.equal("CHANNEL_BROKEN");
    }
    const echo = new Echo();
    const channel = await ClientChannel.open(
      (bytes) => echo.carry(bytes[0] === 2 ? turned(bytes, 5) : bytes),
      echo.enclave,
    );
    expect(await codeOf(channel.ask(say("hello")))).to.equal("UNKNOWN_SESSION");
  });

  it("refuses what was repeated, left out, cut, lengthened or taken from another session, in both directions", async () => {
    type Lie = (now: Uint8Array, before: readonly Uint8Array[], other: Uint8Array) => Uint8Array;
    const lies: Record<string, Lie> = {
      repeated: (_now, before) => before.at(-1)!,
      cut: (now) => now.subarray(0, now.length - 1),
      lengthened: (now) => new Uint8Array([...now, 0]),
      changed: (now) => turned(now, now.length - 20),
      foreign: (_now, _before, other) => other,
      empty: (now) => now.subarray(0, 33),
    };
    for (const [name, lie] of Object.entries(lies)) {
      for (const direction of ["to the enclave", "to the client"]) {
        const [echo, second] = [new Echo(), new Echo()];
        let foreign: Uint8Array = new Uint8Array();
        const other = await ClientChannel.open(async (bytes) => {
          const answer = await second.carry(bytes);
          if (bytes[0] === 3) foreign = direction === "to the enclave" ? bytes : answer;
          return answer;
        }, second.enclave);
        await other.ask(say("one"));
        await other.ask(say("two"));
        const before: Uint8Array[] = [];
        const channel = await ClientChannel.open(async (bytes) => {
          const isLied = bytes[0] === 3 && before.length > 1;
          const sent = isLied && direction === "to the enclave" ? lie(bytes, before, foreign) : bytes;
          const answer = await echo.carry(sent);
          if (bytes[0] !== 3) return answer;
          const given = isLied && direction === "to the client" ? lie(answer, before, foreign) : answer;
          before.push(direction === "to the enclave" ? bytes : answer);
          return given;
        }, echo.enclave);
        for (const text of ["first", "second", "third"]) await channel.ask(say(text));
        expect(await codeOf(channel.ask(say("fourth"))), `${name} ${direction}`).to.equal("CHANNEL_BROKEN");
        expect(echo.heard.includes("fourth")).to.equal(direction === "to the client");
      }
    }
  });

  it("begins no session twice", async () => {
    const echo = new Echo();
    let begin: Uint8Array = new Uint8Array();
    const channel = await ClientChannel.open((bytes) => {
      if (bytes[0] === 2) begin = bytes;
      return echo.carry(bytes);
    }, echo.enclave);
    await channel.ask(say("once"));
    expect(await codeOf(echo.carry(begin))).to.equal("UNKNOWN_SESSION");
    expect(echo.heard).to.deep.equal(["once"]);
  });

  it("takes nothing in the clear for the enclave's word", async () => {
    const echo = new Echo();
    const refusal = encodeEnclaveMessage({ kind: "refusal", refusal: { code: "NO_DATASET", problem: "It is gone" } });
    const channel = await ClientChannel.open(
      (bytes) => (bytes[0] === 1 ? echo.carry(bytes) : Promise.resolve(refusal)),
      echo.enclave,
    );
    expect(await codeOf(channel.ask(say("hello")))).to.equal("NOT_SEALED");
    expect(await codeOf(ClientChannel.open(() => Promise.resolve(refusal), echo.enclave))).to.equal("NOT_SEALED");
    for (const nonsense of [
      new Uint8Array(),
      Uint8Array.of(9),
      utf8("\u0004{}"),
      utf8("\u0004"),
      new Uint8Array(2 ** 20),
    ]) {
      expect(await codeOf(ClientChannel.open(() => Promise.resolve(nonsense), echo.enclave))).to.equal("MESSAGE_FORM");
    }
  });
});
