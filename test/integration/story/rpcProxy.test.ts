import { expect } from "chai";
import { once } from "node:events";
import { WebSocket } from "ws";

import { until } from "../../fixtures/gateway/condition.ts";
import { ChainProcess } from "../../fixtures/story/chainProcess.ts";
import { askNode, quantity, RpcRefusal } from "../../fixtures/story/rpc.ts";
import { RpcProxy } from "../../fixtures/story/rpcProxy.ts";

const ONE_COIN = quantity(10n ** 18n);

/** Why something fails; nothing if it does not. */
const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("The story's endpoints", () => {
  let chain: ChainProcess;
  let proxy: RpcProxy;
  let from: string;
  let to: string;

  before(async () => {
    chain = await ChainProcess.start("anvil");
    [from, to] = (await chain.ask("eth_accounts")) as [string, string];
    await chain.beginMining();
  });

  after(async () => {
    await chain.close();
  });

  beforeEach(async () => {
    proxy = await RpcProxy.open(chain.url);
  });

  afterEach(async () => {
    await proxy.close();
  });

  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> =>
    askNode(proxy.url, method, params);
  const height = async (): Promise<number> => Number(await ask("eth_blockNumber"));
  const post = async (body: unknown): Promise<Response> =>
    fetch(proxy.url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

  /** A payment that is mined; its hash and block. */
  async function pay(): Promise<{ hash: string; block: number }> {
    const hash = (await chain.ask("eth_sendTransaction", { from, to, value: ONE_COIN })) as string;
    let receipt: { blockNumber: string } | null = null;
    await until("the payment is mined", async () => {
      receipt = (await chain.ask("eth_getTransactionReceipt", hash)) as { blockNumber: string } | null;
      return receipt !== null;
    });
    return { hash, block: Number((receipt as unknown as { blockNumber: string }).blockNumber) };
  }

  /** A client of subscriptions, and the numbers of the heads that it has heard. */
  async function listen(): Promise<{ socket: WebSocket; heads: number[] }> {
    const socket = new WebSocket(proxy.socketUrl);
    const heads: number[] = [];
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { params?: { result: { number: string } } };
      if (message.params !== undefined) heads.push(Number(message.params.result.number));
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_subscribe", params: ["newHeads"] }));
    return { socket, heads };
  }

  it("pass everything on, one by one and in batches, and count it", async () => {
    const { number } = await chain.head();
    expect(await height()).to.be.within(number, number + 1);
    const question = { jsonrpc: "2.0", method: "eth_chainId", params: [] };
    const answers = await (await post([question, question].map((each, id) => ({ ...each, id })))).json();
    expect(answers).to.deep.equal([0, 1].map((id) => ({ jsonrpc: "2.0", id, result: "0x7a69" })));
    expect(proxy.asked.get("eth_chainId")).to.equal(2);
    expect(await failureOf(ask("eth_nonsense"))).to.be.instanceOf(RpcRefusal);
  });

  it("ask to come later, and then answer again", async () => {
    proxy.fail({ kind: "busy", retryAfter: 20 });
    const response = await post({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
    expect([response.status, response.headers.get("retry-after")]).to.deep.equal([429, "20"]);
    expect(proxy.failed).to.equal(1);
    proxy.mend();
    expect(await ask("eth_chainId")).to.equal("0x7a69");
  });

  it("answer as of a block, whatever is asked", async () => {
    const known = await pay();
    const balance = await chain.ask("eth_getBalance", to, quantity(known.block));
    const nonce = await chain.ask("eth_getTransactionCount", from, quantity(known.block));
    proxy.fail({ kind: "stale", block: known.block });
    const later = await pay();
    expect(await height()).to.equal(known.block);
    expect(await ask("eth_getBlockByNumber", "latest", false)).to.include({ number: quantity(known.block) });
    expect(await ask("eth_getBlockByNumber", quantity(later.block), false)).to.equal(null);
    expect(await ask("eth_getBlockByHash", (await chain.block(later.block))!.hash, false)).to.equal(null);
    expect(await ask("eth_getBalance", to, "latest")).to.equal(balance);
    expect(await ask("eth_getTransactionCount", from, "pending")).to.equal(nonce);
    expect(await ask("eth_getTransactionReceipt", known.hash)).to.include({ transactionHash: known.hash });
    expect(await ask("eth_getTransactionReceipt", later.hash)).to.equal(null);
    expect(await ask("eth_getTransactionByHash", later.hash)).to.equal(null);
    proxy.mend();
    expect(await ask("eth_getTransactionReceipt", later.hash)).to.include({ transactionHash: later.hash });
  });

  it("are silent, slow, or reset connections", async () => {
    proxy.fail({ kind: "silent" });
    const question = { method: "POST", body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' };
    const hasty = fetch(proxy.url, { ...question, signal: AbortSignal.timeout(300) });
    expect(await failureOf(hasty)).to.have.property("name", "TimeoutError");
    proxy.fail({ kind: "slow", milliseconds: 400 });
    const began = performance.now();
    await height();
    expect(performance.now() - began).to.be.above(390);
    proxy.fail({ kind: "reset" });
    expect(await failureOf(height())).to.be.instanceOf(TypeError);
    proxy.mend();
    expect(await ask("eth_chainId")).to.equal("0x7a69");
  });

  it("tell of blocks that do not exist", async () => {
    const { number } = await chain.head();
    proxy.fail({ kind: "ahead", blocks: 50 });
    expect(await height()).to.be.within(number + 50, number + 52);
    const { hash } = (await ask("eth_getBlockByNumber", "latest", false)) as { hash: string };
    expect(await chain.ask("eth_getBlockByHash", hash, false)).to.equal(null);
  });

  it("do all of that to subscriptions too", async () => {
    const { socket, heads } = await listen();
    await until("a head is told", () => heads.length > 0);
    const real = heads.at(-1)!;
    proxy.fail({ kind: "ahead", blocks: 50 });
    await until("a head is made up", () => heads.at(-1)! > real + 40);
    proxy.fail({ kind: "stale", block: real });
    const { length } = heads;
    await chain.reaches((await chain.head()).number + 3);
    expect(heads.length).to.equal(length);
    proxy.mend();
    await until("heads are told again", () => heads.length > length);
    const closed = once(socket, "close");
    proxy.fail({ kind: "reset" });
    await closed;
  });
});
